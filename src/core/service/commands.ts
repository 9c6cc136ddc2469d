import type { ServiceManager, ServiceName, ServicePlace } from "./files.ts";

type Place = Pick<ServicePlace, "manager" | "wide" | "folder">;

/** What a person says to have the manager take up the files. */
export function commandsToStart(place: Place, services: readonly ServiceName[]): readonly string[] {
  const ways: Readonly<Record<ServiceManager, () => readonly string[]>> = {
    systemd: () => [`${systemctl(place)} daemon-reload`, `${systemctl(place)} enable --now ${unitsOf(services)}`],
    launchd: () =>
      services.map(
        (one) => `launchctl bootstrap ${domain(place)} ${quoted(`${place.folder}/org.enginery.${one}.plist`)}`,
      ),
    task: () =>
      services.map((one) => `schtasks /create /tn enginery-${one} /xml "${place.folder}\\enginery-${one}.xml" /f`),
  };
  return ways[place.manager]();
}

/** What a person says first, so that nothing runs whose file is gone. */
export function commandsToStop(place: Place, services: readonly ServiceName[]): readonly string[] {
  const ways: Readonly<Record<ServiceManager, () => readonly string[]>> = {
    systemd: () => [`${systemctl(place)} disable --now ${unitsOf(services)}`],
    launchd: () => services.map((one) => `launchctl bootout ${domain(place)}/org.enginery.${one}`),
    task: () => services.map((one) => `schtasks /delete /tn enginery-${one} /f`),
  };
  return ways[place.manager]();
}

/** Links by which systemd has a service enabled, below its folder; other managers keep that to themselves. */
export function linksOfEnabled({ manager, wide, folder }: Place, services: readonly ServiceName[]): readonly string[] {
  if (manager !== "systemd") return [];
  const wanted = { watch: `${wide ? "multi-user" : "default"}.target.wants`, stage: "timers.target.wants" } as const;
  return services.map((one) => `${folder}/${wanted[one]}/${unitsOf([one])}`);
}

function systemctl({ wide }: Place): string {
  return wide ? "systemctl" : "systemctl --user";
}

function unitsOf(services: readonly ServiceName[]): string {
  return services.map((one) => (one === "watch" ? "enginery-watch.service" : "enginery-stage.timer")).join(" ");
}

function domain({ wide }: Place): string {
  return wide ? "system" : "gui/$(id -u)";
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
