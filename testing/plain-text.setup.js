// Commands colour their words on a terminal and in CI; tests read the words.
process.env.NO_COLOR = '1';
delete process.env.FORCE_COLOR;
