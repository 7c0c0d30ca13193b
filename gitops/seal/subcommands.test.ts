import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FakeSealWorld } from '../../testing/fake-seal-world';
import type { SealWorld } from './seal-world';
import { commandFor } from './subcommands';

const world = new FakeSealWorld();

test.each([
  ['set s K hunter2', 'SECRET-ARGV'],
  ['set s K=hunter2', 'SECRET-ARGV'],
  ['set s=hunter2', 'SECRET-ARGV'],
  ['set s hunter2:hunter2', 'NAME'],
  ['set s ..', 'NAME'],
  [`set s ${'K'.repeat(254)}`, 'NAME'],
  ['set s K --scope hunter2', 'SEAL-SCOPE'],
  ['set s K --scope=', 'SEAL-SCOPE'],
  ['set s K --value=hunter2', 'USAGE'],
  ['set', 'USAGE'],
  ['set s', 'USAGE'],
  ['set s K --from-file f --from-env E', 'USAGE'],
  ['set s K --from-file f --generate', 'USAGE'],
  ['set s K --plaintext-out p', 'USAGE'],
  ['set s K --trim-newline --keep-newline', 'USAGE'],
  ['set s K --rotate', 'USAGE'],
  ['rotate s K --scope strict', 'USAGE'],
  ['rotate s K --from-file f', 'USAGE'],
  ['rotate s K hunter2', 'SECRET-ARGV'],
  ['drop s K --generate', 'USAGE'],
  ['status s K', 'USAGE'],
  ['fetch-cert', 'USAGE'],
  ['fetch-cert https://x https://hunter2', 'USAGE'],
  ['fetch-cert s --generate', 'USAGE'],
  ['--scope strict set s K', 'USAGE'],
  // Former flags, with a value in the wrong place.
  ['s K hunter2', 'SECRET-ARGV'],
  ['s K=hunter2 --rotate', 'SECRET-ARGV'],
  ['s hunter2:hunter2', 'NAME'],
  ['hunter2', 'USAGE'],
  ['', 'USAGE'],
  ['--json', 'USAGE'],
])('rejects %j with %s and does not quote it', async (line, code) => {
  const problems = await world.problems(line);
  expect(problems).toMatchObject([{ code }]);
  expect(JSON.stringify(problems) + problems.map(String).join()).not.toContain('hunter2');
});

test.each([
  ['weather API_KEY', 'set <server> <KEY>'],
  ['weather API_KEY --from-file key.txt --scope=strict', 'set <server> <KEY>'],
  ['weather API_KEY --generate --plaintext-out a/b.plaintext', 'set <server> <KEY>'],
  ['weather API_KEY --trim-newline --check-key-file key', 'set <server> <KEY>'],
  ['weather ARCADE_WORKER_SECRET --rotate --json', 'rotate <server> <KEY>'],
  ['--rotate weather ARCADE_WORKER_SECRET --from-file old', 'rotate <server> <KEY>'],
  ['weather ARCADE_WORKER_SECRET --finish', 'finish <server> <KEY>'],
  ['weather API_KEY --drop', 'drop <server> <KEY>'],
  ['--status', 'status [<server>]'],
  ['--status weather', 'status [<server>]'],
  ['weather --status --verify-with key.pem', 'status [<server>]'],
  ['--fetch-cert https://localhost:8001/v1/cert.pem', 'fetch-cert <url or file>'],
  ['--fetch-cert=http://localhost/v1/cert.pem --allow-http', 'fetch-cert <url or file>'],
  ['--fetch-cert https://user:hunter2@x/', 'fetch-cert <url or file>'],
])('answers the former %j with its subcommand', async (line, form) => {
  expect(await world.problems(line)).toMatchObject([{ code: 'USAGE', fix: `npm run seal -- ${form}` }]);
});

test('refers to kubeseal for opening a value', async () => {
  const recovery = await world.problems('weather API_KEY --verify-with key.pem --plaintext-out api.plaintext');
  expect(recovery).toMatchObject([{ code: 'USAGE', message: expect.stringContaining('kubeseal --recovery-unseal') }]);
});

test.each([
  ['rotat test-server ARCADE_WORKER_SECRET', 'rotat', 'rotate'],
  ['rotat test-server ARCADE_WORKER_SECRET --platform hunter2', 'rotat', 'rotate'],
  ['rotat test-server ARCADE_WORKER_SECRET --hunter2', 'rotat', 'rotate'],
  ['st test-server TOKEN hunter2', 'st', 'set'],
  ['sett test-server TOKEN=hunter2 --json', 'sett', 'set'],
  ['--json Finsh test-server hunter2', 'Finsh', 'finish'],
  ['fetchcert https://hunter2@x/ --allow-http', 'fetchcert', 'fetch-cert'],
  ['statsu', 'statsu', 'status'],
])(
  'answers the misspelled %j with its subcommand, whatever follows, and does not quote that',
  async (line, word, verb) => {
    const problems = await world.problems(line);
    const message = `Cannot run seal ${word}: there is no such subcommand`;
    expect(problems).toMatchObject([{ code: 'USAGE', message, fix: `npm run seal -- ${verb} …` }]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  },
);

test('takes the name of a server for a server, even if it is close to a subcommand', async () => {
  mkdirSync(join(world.root, 'servers/rotato'));
  expect(await world.problems('rotato API_KEY --rotate')).toMatchObject([
    { fix: 'npm run seal -- rotate <server> <KEY>' },
  ]);
  expect(await world.problems('rotato API_KEY hunter2')).toMatchObject([{ code: 'SECRET-ARGV' }]);
});

test('help lists the seven subcommands and has a page for each', () => {
  const overview = commandFor(['--help'], neverCreated, noServer).usage;
  for (const name of ['set', 'rotate', 'finish', 'abandon', 'drop', 'status', 'fetch-cert']) {
    expect(overview).toContain(`npm run seal -- ${name} `);
    const { usage, options } = commandFor([name, '--help'], neverCreated, noServer);
    for (const flag of Object.keys(options)) expect(usage).toContain(`--${flag}`);
  }
});

const noServer = () => false;

/** Help must not read servers, platforms or certificates. */
function neverCreated(): SealWorld {
  throw new Error('the world was created');
}
