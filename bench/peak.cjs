// Loaded into every Node process that is measured: notes its largest resident memory, in KiB, when it ends.
const { appendFileSync } = require('node:fs');
process.on('exit', () => appendFileSync(process.env.PEAK_FILE, `${process.resourceUsage().maxRSS}\n`));
