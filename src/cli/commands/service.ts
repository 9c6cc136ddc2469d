import type { ServiceChangeRequest, ServiceManager, ServiceName, ServiceRequest } from "../../ops/operator.ts";
import { type Call, flagValue, isOn, operatorOf, requireConsent } from "../call.ts";
import { homeFolder, isWide } from "../home-folder.ts";
import { installedServiceText, removedServiceText, serviceStatusText } from "../render/service.ts";
import { serviceFolders } from "../service-folders.ts";
import { type Flag, switchFlag, valueFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { oneOf, text } from "./values.ts";
import type { Argument, Verb } from "./verb.ts";

const MANAGERS = ["systemd", "launchd", "task"] as const;
const SERVICES = ["watch", "stage"] as const;

const MANAGER = valueFlag(
  {
    name: "manager",
    value: "WHICH",
    env: "ENGINERY_SERVICE_MANAGER",
    choices: MANAGERS,
    doc: "Whose files: default that of this system (Linux: systemd, macOS: launchd, Windows: the task scheduler).",
  },
  oneOf(MANAGERS),
);
const COMMAND = valueFlag(
  {
    name: "command",
    value: "FILE",
    kind: "file",
    env: "ENGINERY_SERVICE_COMMAND",
    doc: "The program that is started; default: the one that runs.",
  },
  text,
);
const ACCOUNT = valueFlag(
  {
    name: "account",
    value: "NAME",
    env: "ENGINERY_SERVICE_ACCOUNT",
    doc: "With --system: whose processes they are; default enginery.",
  },
  text,
);
const FOLDER = valueFlag(
  {
    name: "folder",
    value: "DIR",
    kind: "folder",
    env: "ENGINERY_SERVICE_FOLDER",
    doc: "Where the files go; default: where the manager looks for them.",
  },
  text,
);
const CHANGED_TOO = switchFlag({
  name: "changed-too",
  env: "ENGINERY_SERVICE_CHANGED_TOO",
  doc: "Replace, or remove, files that somebody changed, too.",
});
const WHICH: Argument = {
  name: "SERVICE",
  optional: true,
  repeats: true,
  choices: SERVICES,
  doc: "watch follows the network, stage fetches each hour what comes next; default both.",
};
const PLACE: readonly Flag[] = [MANAGER, COMMAND, ACCOUNT, FOLDER];

export const SERVICE_INSTALL: Verb = {
  words: ["service", "install"],
  group: "Enginery",
  summary:
    "Write the files by which systemd, launchd or the task scheduler run `watch`, and `upgrade --stage-only` each hour.",
  details: [
    "With --system for the whole machine, else for one's own account. Starts nothing: it says the commands that do.",
    "Files that somebody changed are not replaced without --changed-too, which needs --yes without a terminal.",
  ],
  changes: true,
  arguments: [WHICH],
  flags: [...PLACE, CHANGED_TOO],
  examples: [
    { line: "enginery service install --dry-run", doc: "What would be written." },
    { line: "enginery service install watch --system", doc: "The machine's own, as the account enginery." },
  ],
  json: "{manager, files:[{path,found}], written:[{path,text}], next:[...]}",
  run: async (call) => {
    const request = changeOf(call);
    if (request.changedToo) requireConsent(call, "`service install --changed-too`");
    const result = await (await operatorOf(call)).installService(request);
    return { document: result, text: (paint) => installedServiceText(result, request.dryRun, paint) };
  },
};

export const SERVICE_STATUS: Verb = {
  words: ["service", "status"],
  group: "Enginery",
  summary: "Say which files of services are there, and whether they are as they would be written now.",
  arguments: [WHICH],
  flags: PLACE,
  examples: [{ line: "enginery service status --system", doc: "The machine's own." }],
  json: '{manager, files:[{path,found:"absent"|"same"|"outdated"|"changed"}]}',
  run: async (call) => {
    const result = await (await operatorOf(call)).serviceStatus(requestOf(call));
    return { document: result, text: (paint) => serviceStatusText(result, paint) };
  },
};

export const SERVICE_REMOVE: Verb = {
  words: ["service", "remove"],
  group: "Enginery",
  summary: "Remove the files of services; those that somebody changed stay.",
  details: [
    "Refuses as long as systemd has one enabled, and says the command that stops it.",
    "--changed-too needs --yes without a terminal.",
  ],
  changes: true,
  arguments: [WHICH],
  flags: [...PLACE, CHANGED_TOO],
  examples: [{ line: "enginery service remove stage", doc: "Only the hourly one." }],
  json: "{manager, removed:[...], kept:[{path,why}], next:[...]}",
  run: async (call) => {
    const request = changeOf(call);
    if (request.changedToo) requireConsent(call, "`service remove --changed-too`");
    const result = await (await operatorOf(call)).removeService(request);
    return { document: result, text: (paint) => removedServiceText(result, request.dryRun, paint) };
  },
};

function changeOf(call: Call): ServiceChangeRequest {
  return { ...requestOf(call), changedToo: isOn(call, CHANGED_TOO), dryRun: isOn(call, DRY_RUN) };
}

function requestOf(call: Call): ServiceRequest {
  const wide = isWide(call);
  const home = homeFolder(call);
  const manager = flagValue(call, MANAGER) ?? managerOf(call.outside.system);
  const folders = serviceFolders(call, manager, wide, home);
  const command = flagValue(call, COMMAND);
  const folder = flagValue(call, FOLDER);
  const services = call.words.map((word) => oneOf(SERVICES)(word, "SERVICE"));
  return {
    ...{ manager, wide, home },
    folder: folder === undefined ? folders.files : call.outside.absolutePath(folder),
    logs: folders.logs,
    command: command === undefined ? undefined : call.outside.absolutePath(command),
    account: flagValue(call, ACCOUNT) ?? "enginery",
    services: services.length === 0 ? SERVICES : SERVICES.filter((one: ServiceName) => services.includes(one)),
  };
}

function managerOf(system: string): ServiceManager {
  if (system === "darwin") return "launchd";
  return system === "win32" ? "task" : "systemd";
}
