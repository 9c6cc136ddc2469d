import { powerCutSuite } from "./power-cut/suite.ts";

powerCutSuite("ext4");
