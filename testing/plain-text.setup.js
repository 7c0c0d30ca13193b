// Disables the colors that commands use on a terminal and in CI.
process.env.NO_COLOR = '1';
delete process.env.FORCE_COLOR;
