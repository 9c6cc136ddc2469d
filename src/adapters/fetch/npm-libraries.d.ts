/** What is used of npm's own libraries, which bring no types. */
declare module "@npmcli/config" {
  interface Settings {
    readonly npmPath: string;
    readonly argv: readonly string[];
    readonly env: Record<string, string | undefined>;
    readonly cwd: string;
    readonly execPath: string;
    readonly warn: boolean;
    readonly definitions: unknown;
    readonly shorthands: unknown;
    readonly flatten: unknown;
    readonly nerfDarts: unknown;
  }
  class Config {
    constructor(settings: Settings);
    load(): Promise<void>;
    get flat(): Readonly<Record<string, unknown>>;
  }
  export = Config;
}

declare module "@npmcli/config/lib/definitions/index.js" {
  const vocabulary: {
    readonly definitions: Readonly<Record<string, { readonly default: unknown }>>;
    readonly shorthands: unknown;
    readonly flatten: unknown;
    readonly nerfDarts: unknown;
  };
  export = vocabulary;
}

declare module "npm-registry-fetch/lib/auth.js" {
  interface Auth {
    readonly token: string | null;
    readonly auth: string | null;
    readonly cert: string | null;
    readonly key: string | null;
  }
  function getAuth(uri: string, options: Readonly<Record<string, unknown>>): Auth;
  export = getAuth;
}
