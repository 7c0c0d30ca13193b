// Real git repositories in temporary folders.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { unconfirmedPlatform } from './fixtures';
import { addServer, emptyRepository } from './repository-copy';

/** A git repository in the temporary folder of the test run, which is removed at its end. */
export interface Repository {
  readonly root: string;
  /** Runs git there. @throws Error if git fails */
  git(...args: string[]): string;
  write(path: string, text: string): void;
  read(path: string): string;
  /** Commits all files. */
  commit(): void;
}

/**
 * Initializes a git repository with one commit.
 * @param folder an existing folder. @default - a new one, named like the GitOps repository of the test platform
 */
export function repository(
  files: Readonly<Record<string, string>> = {},
  folder = emptyFolder(unconfirmedPlatform.gitops.repository),
): Repository {
  const repo = repositoryAt(folder);
  repo.git('init', '--quiet', '--initial-branch=main');
  repo.git('config', 'user.name', 'Tester');
  repo.git('config', 'user.email', 'tester@example.com');
  for (const [path, text] of Object.entries(files)) repo.write(path, text);
  repo.commit();
  return repo;
}

/** Wraps an existing repository, or a folder that will become one. */
export function repositoryAt(folder: string): Repository {
  const root = join(realpathSync(dirname(folder)), basename(folder));
  const repo: Repository = {
    root,
    git: (...args) => {
      const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, env: environment(), encoding: 'utf8' });
      if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
    write: (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    commit: () => {
      repo.git('add', '--all');
      repo.git('commit', '--quiet', '--allow-empty', '--message', 'Theirs');
    },
  };
  return repo;
}

/** Creates a folder of this name in a new temporary folder. */
export function emptyFolder(name: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'deliver-')), name);
  mkdirSync(folder);
  return folder;
}

/** A copy of this project in a git repository. */
export interface Project extends Repository {
  /** Runs a command of the copy, as npm would. */
  run(
    command: 'synth' | 'deliver' | 'bump' | 'rollback' | 'status' | 'doctor' | 'upgrade',
    ...args: string[]
  ): { status: number | null; stdout: string; stderr: string };
  /** Edits a source file, renders and commits. */
  change(path: string, edit: (text: string) => string): void;
}

/** Creates a copy of this project with one server, committed, with every value confirmed that a delivery requires. */
export function project(): Project {
  const folder = emptyRepository();
  addServer(folder, 'reference');
  repository({}, folder);
  const repo = projectAt(folder);
  repo.change(unconfirmedPlatform.source, confirmed);
  return repo;
}

/** Wraps an existing copy of this project, whether or not it is a git repository yet. */
export function projectAt(folder: string): Project {
  const repo = repositoryAt(folder);
  const { root } = repo;
  const run: Project['run'] = (command, ...args) => {
    const entry = [join(root, 'cli/run.mjs'), `gitops/${command}/${command}.command.ts`];
    return spawnSync(process.execPath, [...entry, ...args], { cwd: root, env: environment(), encoding: 'utf8' });
  };
  const change: Project['change'] = (path, edit) => {
    repo.write(path, edit(repo.read(path)));
    const { status, stderr } = run('synth');
    if (status !== 0) throw new Error(stderr);
    repo.commit();
  };
  return { ...repo, run, change };
}

/** Confirms every placeholder in the text of a platform's file, as a delivery requires. */
export function confirmed(text: string): string {
  return text.replace('isSample: true', 'isSample: false').replaceAll(/(?<=')(local\.)?confirm-(?!')/g, '$1');
}

const environment = () => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
});
