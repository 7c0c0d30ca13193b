import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import packageJson from './package.json';

// Companies change registry and secrets and add workflows; these tests check that every workflow is safe.
const Step = z.looseObject({
  // The owner of an action can move its tags, but not a commit.
  uses: z
    .string()
    .regex(/^\.\/|^[\w-]+\/[\w./-]+@[0-9a-f]{40}$/)
    .optional(),
  run: z.string().optional(),
  env: z.record(z.string(), z.unknown()).default({}),
  with: z.record(z.string(), z.unknown()).default({}),
});
const Workflow = z.looseObject({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.looseObject({ 'timeout-minutes': z.int(), steps: z.array(Step), strategy: z.looseObject({}).optional() }),
  ),
});

const folder = join(__dirname, '.github', 'workflows');
const files = existsSync(folder) ? readdirSync(folder) : [];

for (const file of files) {
  test(`${file} declares permissions, pins actions to commits and has a timeout for every job`, () => {
    expect(() => Workflow.parse(read(file))).not.toThrow();
  });

  test(`${file} puts no untrusted input into a script`, () => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).not.toMatch(/pull_request_target/);
    const scripts = Object.values(Workflow.parse(read(file)).jobs).flatMap(({ steps }) =>
      steps.map(({ run = '' }) => run),
    );
    expect(scripts.filter((run) => /\{\{\s*(github\.(event|head_ref)|inputs)\b/.test(run))).toEqual([]);
  });

  test(`${file} gives the proposal token only to npm run propose, never to a command that loads tools`, () => {
    const { env, jobs } = Workflow.parse(read(file));
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    expect([{ env }, ...Object.values(jobs)].filter((shared) => 'PROPOSE_TOKEN' in Object(shared.env))).toEqual([]);
    const scripts = steps.flatMap(({ env, run = '' }) => ('PROPOSE_TOKEN' in env ? [run] : []));
    const commands = scripts.flatMap((run) => run.match(/\bnp[mx] .*/g) ?? []);
    expect(commands.filter((command) => !command.startsWith('npm run -s propose -- '))).toEqual([]);
  });

  for (const { name, inputs } of imageJobs(file)) {
    test(`${file}: the job ${name} builds one server on a pinned base image, with SBOM and provenance`, () => {
      expect(inputs).toMatchObject({ sbom: true, provenance: 'mode=max' });
      expect(inputs['build-args']).toMatch(/^SERVER=/m);
      expect(inputs['build-args']).toMatch(/^NODE_IMAGE=.*@/m);
    });
  }
}

test('a workflow with a Node matrix tests the oldest Node that package.json supports', () => {
  const versions = files
    .flatMap((file) => Object.values(Workflow.parse(read(file)).jobs))
    .flatMap(
      ({ strategy }) =>
        z.looseObject({ matrix: z.object({ node: z.array(z.string()) }) }).safeParse(strategy).data ?? [],
    )
    .map(({ matrix }) => matrix.node[0]);
  expect(versions).toEqual(versions.map(() => packageJson.engines.node.replace('>=', '')));
});

function imageJobs(file: string): readonly { name: string; inputs: Readonly<Record<string, unknown>> }[] {
  const { success, data } = Workflow.safeParse(read(file));
  if (!success) return [];
  return Object.entries(data.jobs).flatMap(([name, { steps }]) =>
    steps.flatMap(({ uses, with: inputs }) =>
      uses?.startsWith('docker/build-push-action@') ? [{ name, inputs }] : [],
    ),
  );
}

function read(file: string): unknown {
  return parse(readFileSync(join(folder, file), 'utf8'));
}
