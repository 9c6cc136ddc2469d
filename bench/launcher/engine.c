/* The engine that is started: it does nothing, so that what is measured is the way to it. */
int main(void) { return 0; }
