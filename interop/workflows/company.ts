import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from '../../cli/root';
import { type FakeForge, fakeForge } from '../../testing/fake-forge/forge';
import { type ForgeRepository, forgeRepository } from '../../testing/fake-forge/forge-repository';
import type { FakePull } from '../../testing/fake-forge/pulls';
import { unconfirmedPlatform } from '../../testing/fixtures';
import type { Project } from '../../testing/temp-repository';
import { matrixOf, type Played, play, type Runner } from './play';

/** The repository of the servers and the two that they are delivered to, as `<owner>/<name>`. */
export const repositories = {
  servers: 'acme/servers',
  fleet: `acme/${unconfirmedPlatform.gitops.repository}`,
  dns: `acme/${unconfirmedPlatform.dns.repository}`,
} as const;

/** What an image workflow has built, and the job that proposes it. */
interface Built {
  readonly servers: readonly string[];
  propose(): Promise<Played>;
}

/** A company at a stand-in for the forge, with our workflows and runners that play them. */
export class Company {
  readonly servers: ForgeRepository;
  readonly fleet: ForgeRepository;
  readonly dns: ForgeRepository;
  /** What the company has set in the repository's settings. */
  readonly secrets: Record<string, string> = {
    DELIVER_TOKEN_FLEET: 'for-fleet',
    DELIVER_TOKEN_DNS_WORKSPACES: 'for-dns',
  };
  readonly #programs: string;
  #runs = 0;

  private constructor(
    readonly forge: FakeForge,
    readonly folder: string,
    readonly sources: Project,
  ) {
    this.servers = forgeRepository(folder, repositories.servers, sources);
    this.fleet = forgeRepository(folder, repositories.fleet);
    this.dns = forgeRepository(folder, repositories.dns);
    this.#programs = standInPrograms(folder);
    const all = { contents: 'write', pulls: true } as const;
    forge.rights.set('of-the-run', { [repositories.servers]: all });
    forge.rights.set('for-fleet', { [repositories.fleet]: all });
    forge.rights.set('for-dns', { [repositories.dns]: all });
  }

  /** @param sources what the repository of the servers starts as */
  static async of(sources: Project): Promise<Company> {
    const folder = mkdtempSync(join(tmpdir(), 'company-'));
    return new Company(await fakeForge(folder), folder, sources);
  }

  /** The pull requests of a repository that are open. */
  open(name: keyof typeof repositories): readonly FakePull[] {
    return this.forge.pulls(repositories[name]).list.filter(({ state }) => state === 'open');
  }

  /** deliver.yml, as a push to main starts it. @returns how its jobs ended, by platform and option */
  async deliver(): Promise<Readonly<Record<string, Played>>> {
    const { outputs, said } = await play('deliver.yml', 'targets', this.#runner({}));
    if (outputs.matrix === undefined) throw new Error(said);
    const needs = { targets: { outputs } };
    const ended: Record<string, Played> = {};
    for (const matrix of matrixOf('deliver.yml', 'deliver', { needs })) {
      const { platform, option } = Object(matrix);
      ended[`${platform} ${option}`] = await play('deliver.yml', 'deliver', this.#runner({ needs, matrix }));
    }
    return ended;
  }

  /**
   * The image workflow, as a push to main starts it.
   * @param last the commit of the last run that succeeded
   * @param failing the servers whose images cannot be built
   */
  async build(last: string, failing: readonly string[] = []): Promise<Built> {
    this.#runs += 1;
    const file = 'build-push-acr.yml';
    const actions = imageActions();
    const changed = await play(file, 'changed', this.#runner({}, actions, last));
    if (changed.result !== 'success') throw new Error(changed.said);
    const servers: string[] = [];
    const results: string[] = [];
    for (const [index, matrix] of matrixOf(file, 'build', { needs: { changed } }).entries()) {
      const line = { needs: { changed }, matrix, strategy: { 'job-index': index } };
      const { server } = Object(matrix);
      servers.push(server);
      const isBuilt = !failing.includes(server);
      const done = isBuilt ? await play(file, 'build', this.#runner(line, actions, last)) : undefined;
      results.push(done?.result ?? 'failure');
    }
    const result = results.length === 0 ? 'skipped' : results.includes('failure') ? 'failure' : 'success';
    const contexts = { needs: { changed, build: { result } } };
    return { servers, propose: () => play(file, 'propose', this.#runner(contexts, actions, last)) };
  }

  /** A runner of one job: nothing of another job is on it. */
  #runner(contexts: Readonly<Record<string, unknown>>, actions: Runner['actions'] = {}, last = ''): Runner {
    const place = mkdtempSync(join(tmpdir(), 'runner-'));
    const [workspace, temp] = [join(place, 'servers'), join(place, 'temp')];
    const sha = this.servers.git('rev-parse', 'main').trim();
    const event = { repository: { default_branch: 'main' } };
    const github = {
      event,
      workspace,
      sha,
      ref_name: 'main',
      run_number: this.#runs,
      token: 'of-the-run',
      workflow: 'played',
    };
    const { url, api } = this.forge;
    const { HOME, LANG, PATH = '' } = process.env;
    return {
      ...{ workspace, temp, contexts: { github, secrets: this.secrets, inputs: {}, runner: { temp }, ...contexts } },
      env: {
        ...{ HOME, LANG, PATH: [this.#programs, PATH].join(delimiter), CI: 'true', NO_COLOR: '1', LAST_BUILT: last },
        ...{ GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' },
        ...{ GITHUB_SERVER_URL: url, GITHUB_API_URL: api, GITHUB_REPOSITORY: repositories.servers, GITHUB_SHA: sha },
        ...{ GITHUB_REF_NAME: 'main', GITHUB_WORKFLOW: 'played' },
      },
      actions: { 'actions/checkout': () => this.#checkOut(workspace), 'actions/setup-node': () => ({}), ...actions },
      skipped: ['npm ci', 'npm run test:quick'],
    };
  }

  /** What the action does, and `npm ci` after it. */
  #checkOut(workspace: string): Readonly<Record<string, string>> {
    this.sources.git(
      'clone',
      '--quiet',
      '--branch',
      'main',
      join(this.folder, `${repositories.servers}.git`),
      workspace,
    );
    this.sources.git('-C', workspace, 'remote', 'set-url', 'origin', `${this.forge.url}/${repositories.servers}`);
    // A throwaway repository may have committed the link that it was made with.
    if (!existsSync(join(workspace, 'node_modules')))
      symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
    return {};
  }
}

/** What stands in for the actions of an image build: the digest follows from the tag, artifacts lie in a folder. */
function imageActions(): Runner['actions'] {
  const artifacts = mkdtempSync(join(tmpdir(), 'artifacts-'));
  return {
    'docker/setup-buildx-action': () => ({}),
    'docker/login-action': () => ({}),
    'docker/build-push-action': ({ tags = '' }) => ({ digest: digestOf(tags) }),
    'actions/upload-artifact': ({ path = '', name = '' }) => {
      cpSync(path, join(artifacts, name), { recursive: true });
      return {};
    },
    'actions/download-artifact': ({ path = '' }) => {
      for (const name of readdirSync(artifacts)) cpSync(join(artifacts, name), path, { recursive: true });
      return {};
    },
  };
}

/** The digest that a stand-in's build of a tag has. */
export function digestOf(tag: string): string {
  return `sha256:${createHash('sha256').update(tag).digest('hex')}`;
}

/** `gh` knows the last run that succeeded, `docker` the digest of the base image. */
function standInPrograms(folder: string): string {
  const place = mkdtempSync(join(folder, 'programs-'));
  const scripts = { gh: 'echo "$LAST_BUILT"', docker: `echo "${digestOf('node')}"` };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(place, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(place, name), 0o755);
  }
  return place;
}
