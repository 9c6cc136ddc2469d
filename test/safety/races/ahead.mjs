// Loaded before the program: its clock is an hour ahead.
const now = Date.now;
Date.now = () => now() + 3_600_000;
