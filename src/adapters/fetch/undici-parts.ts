import type { Agent as AgentOfAll } from "undici";
import api from "undici/lib/api/index.js";
import Agent from "undici/lib/dispatcher/agent.js";
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";

// As undici's own index does, which loads twice as much: its fetch, its caches, its mocks.
Object.assign(Dispatcher.prototype, api);

export const DirectAgent: typeof AgentOfAll = Agent;
