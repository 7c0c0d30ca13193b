import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeSealWorld } from '../../testing/fake-seal-world';
import { stagingPlatform } from '../../testing/fixtures';

const secret = 'ARCADE_WORKER_SECRET';

test('prints four steps, including the one in the engine, without any value', async () => {
  const { world, out } = await sealedWorld();
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  const output = world.printed.join('\n');
  for (const step of [
    '1  Deliver both',
    "2  In the engine's dashboard",
    '3  Check that this lists the tools',
    '4  Drop the old one',
  ]) {
    expect(output).toContain(step);
  }
  expect(output).not.toContain(readFileSync(out, 'utf8'));
  expect(output).not.toContain('the current value');
});

test.each([
  ['to a file', '', true],
  ['to a file', ' --platform fake-cluster', true],
  ['to the terminal', '', false],
  ['to the terminal', ' --platform fake-cluster', false],
])('prints commands that can be run as they are: a value %s, with the flag "%s"', async (_, flag, isFile) => {
  const { world, out } = await sealedWorld();
  if (flag !== '') world.others = [stagingPlatform];
  await world
    .with({ isTerminal: true })
    .run(`rotate test-server ${secret}${flag}${isFile ? ` --plaintext-out ${out}` : ''}`);
  const output = world.printed.join('\n');
  const deliver = `npm run synth, commit, npm run deliver -- test-server --to <checkout> --commit${flag}, merge.`;
  const verify = `npm run verify -- test-server${flag}`;
  const inOrder = [
    `1  Deliver both: ${deliver}\n`,
    `     ${verify} --kubectl --no-secret --wait 5m\n`,
    isFile ? `     (in ${out}).\n` : '     (shown above, only once).\n',
    `     ${verify}${isFile ? ` --secret-file ${out}\n     Then delete ${out}.\n` : '\n'}`,
    `npm run seal -- finish test-server ${secret}${flag}, then ${deliver}`,
  ];
  const places = inOrder.map((part) => output.indexOf(part));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  world.render();
  await world.run(`finish test-server ${secret}${flag}`);
  expect(world.printed.join()).toContain(
    `next  npm run synth, commit, npm run deliver -- test-server --to <checkout> --commit${flag}`,
  );
});

async function sealedWorld() {
  const world = new FakeSealWorld();
  await world.run(`set test-server ${secret}`, 'the current value');
  return { world, out: join(world.root, 'new.plaintext') };
}
