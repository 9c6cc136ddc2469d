import { describe } from "node:test";
import { endToEnd } from "./end-to-end.ts";
import { singleFile } from "./single-file.ts";
import { linuxArm64 } from "./support/places.ts";
import { whyNot } from "./support/prepared.ts";

const skip = whyNot("linux-arm64");
describe("linux-arm64: under qemu-user", { skip }, () => endToEnd("linux-arm64", linuxArm64));
describe("linux-arm64: the single file, under qemu-user", { skip }, () => singleFile("linux-arm64", linuxArm64));
