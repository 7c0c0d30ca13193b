import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import packageJson from './package.json';

/** Whoever owns an action can move its tags, but not a commit. */
const Step = z.looseObject({
  uses: z
    .string()
    .regex(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
    .optional(),
});
const Workflow = z.looseObject({
  permissions: z.object({ contents: z.literal('read') }),
  jobs: z.record(z.string(), z.looseObject({ 'timeout-minutes': z.int(), steps: z.array(Step) })),
});
const folder = join(__dirname, '.github', 'workflows');
const files = readdirSync(folder);

test('there are the two workflows', () => {
  expect(files.sort()).toEqual(['build-push-acr.yml', 'ci.yml']);
});

test.each(files)('%s may only read the repository, takes actions by their commit, and every job ends', (file) => {
  expect(() => Workflow.parse(read(file))).not.toThrow();
});

test('changes are tested on the oldest Node that the package allows, and on later ones', () => {
  const { jobs } = z
    .object({
      jobs: z.object({
        test: z.looseObject({ strategy: z.looseObject({ matrix: z.object({ node: z.array(z.string()) }) }) }),
      }),
    })
    .parse(read('ci.yml'));
  const { node } = jobs.test.strategy.matrix;
  expect(packageJson.engines.node).toBe(`>=${node[0]}`);
  expect(node).toEqual(['20.19', '22', '24']);
});

test('the image is pushed under a version that counts up, with SBOM and provenance, to what the server declares', () => {
  const text = readFileSync(join(folder, 'build-push-acr.yml'), 'utf8');
  const { env, on } = z
    .object({
      env: z.record(z.string(), z.string()),
      on: z.looseObject({ push: z.object({ paths: z.array(z.string()) }).loose() }),
    })
    .parse(read('build-push-acr.yml'));
  expect(env.IMAGE).toBe(['servicetitandev.azurecr.io/arcade-eval-ref:1.0.', '{{ github.run_number }}'].join('$'));
  expect(readFileSync(join(__dirname, 'Dockerfile'), 'utf8')).toContain(`ARG NODE_IMAGE=${env.NODE_TAG}\n`);
  expect(on.push.paths).toEqual(expect.arrayContaining(['worker/**', 'Dockerfile', 'package-lock.json']));
  expect(text).toMatch(/sbom: true\n\s+provenance: mode=max/);
  expect(text.match(/secrets\.\w+/g)).toEqual(['secrets.ACR_DEV_USERNAME', 'secrets.ACR_DEV_PASSWORD']);
});

test('`npm start` runs with the switches of Node that the image has', () => {
  const [, entrypoint = '[]'] = /^ENTRYPOINT (.*)$/m.exec(readFileSync(join(__dirname, 'Dockerfile'), 'utf8')) ?? [];
  const command: readonly string[] = JSON.parse(entrypoint);
  expect(command.length).toBeGreaterThan(2);
  expect(packageJson.scripts.start).toBe(
    [...command.slice(0, -1), 'cli/run.mjs worker/dev/start.command.ts'].join(' '),
  );
});

function read(file: string): unknown {
  return parse(readFileSync(join(folder, file), 'utf8'));
}
