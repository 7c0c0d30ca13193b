import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import keys from '../../gitops/seal/vectors/keys.throwaway.json';
import { type Ending, endingOf } from '../processes/program';
import { emptyRepository } from '../repository-copy';
import { confirmed, repository, repositoryAt } from '../temp-repository';
import { type ShownCommand, scriptOf } from './commands';

/** A repository for running the commands of a page as a reader would, beside the checkouts `../fleet` and `../dns`. */
export interface Start {
  /** Runs a command of a page, then renders and commits, as every page says to do after a change. */
  run(command: Pick<ShownCommand, 'words'>): Promise<Ending>;
}

/** The pages that do not start with a server `weather` on the platform `production`. */
const starts: Readonly<
  Record<string, { readonly servers?: readonly string[]; readonly platforms?: readonly string[] }>
> = {
  'README.md': { servers: [] },
  'docs/delivery.md': { platforms: ['production', 'staging'] },
};

/** Creates what a page starts with, using this repository's own commands. */
export async function startOf(page: string): Promise<Start> {
  const { servers = ['weather'], platforms = ['production'] } = starts[page] ?? {};
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  const root = join(folder, 'mcp-servers');
  renameSync(emptyRepository(), root);
  rmSync(join(root, 'platforms/test-cluster.ts'));
  for (const name of ['fleet', 'dns']) {
    mkdirSync(join(folder, name));
    repository({ 'README.md': 'theirs' }, join(folder, name));
  }
  const { commit } = repository({}, root);
  const started = new Set<string>();
  const npm = async (entry: string, args: readonly string[]) => {
    const added = flagsFor(args, folder, started);
    const ending = await endingOf(process.execPath, [join(root, 'cli/run.mjs'), entry, ...args, ...added], {
      cwd: root,
    });
    if (args[0] === 'platform') confirm(root, args[1] ?? '', started);
    return ending;
  };
  for (const name of platforms) await npm(newCommand, ['platform', name]);
  for (const name of servers) await npm(newCommand, ['server', name]);
  commit();
  return {
    run: async (command) => {
      const { entry = '', args = [] } = scriptOf(command) ?? {};
      const ending = await npm(entry, args);
      // All other commands already render.
      if (entry.includes('/seal/')) await npm('gitops/synth/synth.command.ts', []);
      commit();
      return ending;
    },
  };
}

const newCommand = 'gitops/new/new.command.ts';

/** Flags that replace questions and secrets on a terminal, and name the platform once there are two. */
function flagsFor(args: readonly string[], folder: string, platforms: ReadonlySet<string>): readonly string[] {
  const [word = '', name = ''] = args;
  const needsPlatform = /^(set|rotate|finish)$/.test(word) || args.includes('--to');
  return [
    ...(word === 'platform' ? factsOf(name, args, folder) : []),
    ...(word === 'server' || word === 'rotate' || args.includes('--generate')
      ? ['--plaintext-out', join(mkdtempSync(join(folder, 'secret-')), 'value')]
      : []),
    ...(needsPlatform && platforms.size > 1 && !args.includes('--platform') && !args.includes('--from')
      ? ['--platform', 'production']
      : []),
  ];
}

function factsOf(name: string, args: readonly string[], folder: string): readonly string[] {
  const zone = `${name}.example.com`;
  const facts = {
    registry: `registry.${zone}`,
    zone,
    'gitops-repository': 'fleet',
    'apps-path': `${name}/mcp`,
    'dns-repository': 'dns',
    'ingress-address': `ingress.${zone}`,
    workspace: name,
    certificate: join(folder, `${name}.pem`),
  };
  // Every cluster has its own certificate.
  const id = { production: 'current', staging: 'other-cluster' }[name] ?? 'retired';
  writeFileSync(facts.certificate, keys.keys.find((key) => key.id === id)?.certPem ?? '');
  return Object.entries(facts).flatMap(([flag, value]) => (args.includes(`--${flag}`) ? [] : [`--${flag}`, value]));
}

/** Confirms the values that only a company knows. */
function confirm(root: string, name: string, started: Set<string>): void {
  const platform = repositoryAt(root);
  platform.write(`platforms/${name}.ts`, confirmed(platform.read(`platforms/${name}.ts`)));
  started.add(name);
}
