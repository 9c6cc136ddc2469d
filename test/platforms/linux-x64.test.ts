import { describe } from "node:test";
import { endToEnd } from "./end-to-end.ts";
import { linuxX64 } from "./support/places.ts";
import { whyNot } from "./support/prepared.ts";

describe("linux-x64: on this host", { skip: whyNot("linux-x64") }, () => endToEnd("linux-x64", linuxX64));
