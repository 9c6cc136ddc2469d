import { powerCutSuite } from "./power-cut/suite.ts";

powerCutSuite("xfs");
