/* A library over Wasmtime, with a Wasmtime of its own beside it. */
void *wasm_engine_new(void);
void *executor_engine(void) { return wasm_engine_new(); }
