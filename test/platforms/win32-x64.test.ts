import { describe } from "node:test";
import { endToEnd } from "./end-to-end.ts";
import { windowsX64 } from "./support/places.ts";
import { whyNot } from "./support/prepared.ts";

describe("win32-x64: under wine", { skip: whyNot("win32-x64") }, () => endToEnd("win32-x64", windowsX64));
