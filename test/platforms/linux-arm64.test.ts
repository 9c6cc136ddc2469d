import { describe } from "node:test";
import { endToEnd } from "./end-to-end.ts";
import { linuxArm64 } from "./support/places.ts";
import { whyNot } from "./support/prepared.ts";

describe("linux-arm64: under qemu-user", { skip: whyNot("linux-arm64") }, () => endToEnd("linux-arm64", linuxArm64));
