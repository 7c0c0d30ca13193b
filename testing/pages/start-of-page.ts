import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ending, endingOf, run } from '../processes/program';
import { emptyRepository } from '../repository';
import { confirmed, repository, repositoryAt } from '../temp-repository';
import { type ShownCommand, scriptOf } from './commands';

/** A repository in which the commands of a page can be run as a reader runs them, beside the checkouts that it delivers to. */
export interface Start {
  run(command: Pick<ShownCommand, 'words'>): Promise<Ending>;
}

/** What each page takes for granted. @default - a server `weather` on one platform, `production` */
const startsWith: Readonly<Record<string, { readonly server?: false; readonly platforms?: readonly string[] }>> = {
  'README.md': { server: false },
  'docs/making-it-yours.md': { server: false },
  'docs/delivery.md': { platforms: ['production', 'staging'] },
};

/** Makes what a page starts with, by the commands of this repository. */
export async function startOf(page: string): Promise<Start> {
  const { server = true, platforms = ['production'] } = startsWith[page] ?? {};
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  const root = join(folder, 'mcp-servers');
  renameSync(emptyRepository(), root);
  rmSync(join(root, 'platforms/test-cluster.ts'));
  for (const name of ['fleet', 'dns']) {
    mkdirSync(join(folder, name));
    repository({ 'README.md': 'theirs' }, join(folder, name));
  }
  let count = 0;
  const npm = (script: string, entry: string, args: readonly string[]) => {
    // A value is shown only on a terminal.
    const isShown = args.includes('--generate') || /^(server|rotate)$/.test(args[0] ?? '');
    const out = isShown ? ['--plaintext-out', join(folder, `${script}-${count++}.plaintext`)] : [];
    return endingOf(process.execPath, [join(root, 'cli/run.mjs'), entry, ...args, ...out], { cwd: root });
  };
  const made = repositoryAt(root);
  made.git('init', '--quiet', '--initial-branch=main');
  made.git('config', 'user.name', 'Tester');
  made.git('config', 'user.email', 'tester@example.com');
  for (const name of platforms) {
    await done(npm('new', 'gitops/new/new.command.ts', ['platform', name, ...factsOf(name)]));
    writeFileSync(join(root, `platforms/${name}.ts`), confirmed(made.read(`platforms/${name}.ts`)));
  }
  if (server) await done(npm('new', 'gitops/new/new.command.ts', ['server', 'weather']));
  await run(process.execPath, [join(root, 'cli/run.mjs'), 'gitops/synth/synth.command.ts'], { cwd: root });
  made.commit();
  return {
    run: async (command) => {
      const { script = '', entry = '', args = [] } = scriptOf(command) ?? {};
      const ending = await npm(script, entry, args);
      // What a reader does after a change, as every page says.
      made.commit();
      return ending;
    },
  };
}

async function done(ending: Promise<Ending>): Promise<void> {
  const { code, stderr } = await ending;
  if (code !== 0) throw new Error(stderr);
}

function factsOf(name: string): readonly string[] {
  const zone = `${name}.example.com`;
  return [
    ...['--registry', `registry.${zone}`, '--zone', zone, '--gitops-repository', 'fleet', '--apps-path', `${name}/mcp`],
    ...[
      '--dns-repository',
      'dns',
      '--workspace',
      name,
      '--zone-id',
      'local.zone',
      '--ingress-address',
      `ingress.${zone}`,
    ],
  ];
}
