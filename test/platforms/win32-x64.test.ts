import { describe } from "node:test";
import { commandFile } from "./command-file.ts";
import { endToEnd } from "./end-to-end.ts";
import { longPaths } from "./long-paths.ts";
import { singleFile } from "./single-file.ts";
import { windowsX64 } from "./support/places.ts";
import { whyNot } from "./support/prepared.ts";

const skip = whyNot("win32-x64");
describe("win32-x64: under wine", { skip }, () => endToEnd("win32-x64", windowsX64));
describe("win32-x64: the single file, under wine", { skip }, () => singleFile("win32-x64", windowsX64));
describe("win32-x64: long paths, under wine", { skip }, () => longPaths("win32-x64", windowsX64));
describe("win32-x64: the command's file, under wine", { skip }, () => commandFile("win32-x64", windowsX64));
