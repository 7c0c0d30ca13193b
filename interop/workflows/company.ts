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
import { type JobRun, matrixOf, type Runner, runJob } from './runner';

/** The repository of the servers and the two delivery targets, as `<owner>/<name>`. */
export const repositories = {
  servers: 'acme/servers',
  fleet: `acme/${unconfirmedPlatform.gitops.repository}`,
  dns: `acme/${unconfirmedPlatform.dns.repository}`,
} as const;

/** The servers that an image workflow has built, and the job that proposes their images. */
interface Built {
  readonly servers: readonly string[];
  propose(): Promise<JobRun>;
}

/** A company on a fake forge, with local runners that run our workflows. */
export class Company {
  readonly servers: ForgeRepository;
  readonly fleet: ForgeRepository;
  readonly dns: ForgeRepository;
  /** The secrets in the repository's settings. */
  readonly secrets: Record<string, string> = {
    DELIVER_TOKEN_FLEET: 'fleet-token',
    DELIVER_TOKEN_DNS_WORKSPACES: 'dns-token',
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
    this.#programs = fakePrograms(folder);
    const all = { contents: 'write', pulls: true } as const;
    forge.rights.set('workflow-token', { [repositories.servers]: all });
    forge.rights.set('fleet-token', { [repositories.fleet]: all });
    forge.rights.set('dns-token', { [repositories.dns]: all });
  }

  /** @param sources the initial content of the repository of the servers */
  static async of(sources: Project): Promise<Company> {
    const folder = mkdtempSync(join(tmpdir(), 'company-'));
    return new Company(await fakeForge(folder), folder, sources);
  }

  /** The open pull requests of a repository. */
  open(name: keyof typeof repositories): readonly FakePull[] {
    return this.forge.pulls(repositories[name]).list.filter(({ state }) => state === 'open');
  }

  /** Runs deliver.yml as a push to main does. @returns the outcomes of its jobs, by platform and option */
  async deliver(): Promise<Readonly<Record<string, JobRun>>> {
    const { outputs, log } = await runJob('deliver.yml', 'targets', this.#runner({}));
    if (outputs.matrix === undefined) throw new Error(log);
    const needs = { targets: { outputs } };
    const ended: Record<string, JobRun> = {};
    for (const matrix of matrixOf('deliver.yml', 'deliver', { needs })) {
      const { platform, option } = Object(matrix);
      ended[`${platform} ${option}`] = await runJob('deliver.yml', 'deliver', this.#runner({ needs, matrix }));
    }
    return ended;
  }

  /**
   * Runs the image workflow as a push to main does.
   * @param last the commit of the last successful run
   * @param failing the servers whose builds fail
   */
  async build(last: string, failing: readonly string[] = []): Promise<Built> {
    this.#runs += 1;
    const file = 'build-push-acr.yml';
    const actions = imageActions();
    const changed = await runJob(file, 'changed', this.#runner({}, actions, last));
    if (changed.result !== 'success') throw new Error(changed.log);
    const servers: string[] = [];
    const results: string[] = [];
    for (const [index, matrix] of matrixOf(file, 'build', { needs: { changed } }).entries()) {
      const combination = { needs: { changed }, matrix, strategy: { 'job-index': index } };
      const { server } = Object(matrix);
      servers.push(server);
      const isBuilt = !failing.includes(server);
      const done = isBuilt ? await runJob(file, 'build', this.#runner(combination, actions, last)) : undefined;
      results.push(done?.result ?? 'failure');
    }
    const result = results.length === 0 ? 'skipped' : results.includes('failure') ? 'failure' : 'success';
    const contexts = { needs: { changed, build: { result } } };
    return { servers, propose: () => runJob(file, 'propose', this.#runner(contexts, actions, last)) };
  }

  /** A fresh runner for one job, without files of other jobs. */
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
      token: 'workflow-token',
      workflow: 'local',
    };
    const { url, api } = this.forge;
    const { HOME, LANG, PATH = '' } = process.env;
    return {
      ...{ workspace, temp, contexts: { github, secrets: this.secrets, inputs: {}, runner: { temp }, ...contexts } },
      env: {
        ...{ HOME, LANG, PATH: [this.#programs, PATH].join(delimiter), CI: 'true', NO_COLOR: '1', LAST_BUILT: last },
        ...{ GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' },
        ...{ GITHUB_SERVER_URL: url, GITHUB_API_URL: api, GITHUB_REPOSITORY: repositories.servers, GITHUB_SHA: sha },
        ...{ GITHUB_REF_NAME: 'main', GITHUB_WORKFLOW: 'local' },
      },
      actions: { 'actions/checkout': () => this.#checkOut(workspace), 'actions/setup-node': () => ({}), ...actions },
      skipped: ['npm ci', 'npm run test:quick'],
    };
  }

  /** Replaces actions/checkout and `npm ci`. */
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
    // The temporary repository may have committed its own link.
    if (!existsSync(join(workspace, 'node_modules')))
      symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
    return {};
  }
}

/** Fakes the actions of an image build: the digest is derived from the tag, and artifacts are stored in a folder. */
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

/** The digest that the fake build gives to a tag. */
export function digestOf(tag: string): string {
  return `sha256:${createHash('sha256').update(tag).digest('hex')}`;
}

/** Fakes `gh`, which prints the commit of the last successful run, and `docker`, which prints a digest. */
function fakePrograms(folder: string): string {
  const place = mkdtempSync(join(folder, 'programs-'));
  const scripts = { gh: 'echo "$LAST_BUILT"', docker: `echo "${digestOf('node')}"` };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(place, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(place, name), 0o755);
  }
  return place;
}
