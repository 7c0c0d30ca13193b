import { join } from 'node:path';
import { fluxCopy, type Tree } from '../../../gitops/deliver/flux/flux-copy';
import { run } from '../../../testing/processes/program';
import { seen } from '../../seen';
import { filesInArchive } from './artifact';
import type { Story } from './story';

/** Every repository has these, for rules to leave out. */
const paths = [
  ...['README.md', 'a.yaml', 'apps/a.yaml', 'apps/b.yml', 'apps/deep/a.yaml', 'apps/deep/er/a.yaml', 'apps/A.yaml'],
  ...['apps/.github/a.yaml', '.github/a.yaml', 'apps/.flux.yaml', 'apps/.sops.yaml', 'apps/.goreleaser.yml'],
  ...['cloudbuild.yaml', 'apps/cloudbuild.yaml', 'appveyor.yml', '.travis.yml', 'apps/.travis.yml', 'apps/a b.yaml'],
  ...['apps/.gitignore', 'apps/picture.png', 'apps/archive.zip', 'apps/#a.yaml', 'apps/!a.yaml', 'other/a.yaml'],
];

/** The text of .sourceignore at the root; a table has one for each folder. */
const rules: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  nothing: {},
  'an empty file': '',
  comments: '# nothing\n\n   \n',
  'a rule': 'apps/deep/\n',
  'a rule for nothing that there is': 'nowhere\n',
  'a rule in capitals': 'APPS\n',
  'a name at any depth': 'a.yaml\n',
  'a name at the root': '/a.yaml\n',
  'a path': 'apps/a.yaml\n',
  'a folder alone': 'a.yaml/\n',
  stars: '**/deep/**\n*.yml\n',
  'two stars in the middle': 'apps/**/a.yaml\n',
  'one star in the middle': 'apps/*/a.yaml\n',
  'a set': 'apps/[ab].y*\n',
  'a question mark': 'apps/?.yaml\n',
  'all but one folder': '/*\n!/apps\n',
  'all but one file': 'apps/*\n!apps/a.yaml\n',
  'back out of a folder': 'apps/\n!apps/deep/a.yaml\n',
  'in, out and in again': 'a.yaml\n!apps/a.yaml\napps/a.yaml\n',
  'one that takes back what Flux leaves out itself': '!.github/\n',
  'spaces at the end': 'apps/deep \n',
  'a space in a name': 'apps/a b.yaml\n',
  'a hash that is quoted': 'apps/\\#a.yaml\n',
  'a mark that is quoted': '\\!a.yaml\n',
  'Windows line ends': 'apps/deep/\r\n*.yml\r\n',
  'no end of line': 'apps/deep/',
  'below alone': { apps: 'deep/\n' },
  'below, from its own root': { apps: '/a.yaml\n' },
  'below against above': { '': 'a.yaml\n', apps: '!a.yaml\n' },
  'below in what is left out above': { '': 'apps/\n', apps: '!a.yaml\n' },
  'beside it': { other: 'a.yaml\n' },
};

/** 7: the files that source-controller takes along are those that deliver takes it to have. */
export function proveIgnoring(story: () => Story): void {
  test('source-controller leaves out what deliver leaves out', async () => {
    const { cluster } = story();
    const bare = join(cluster.plane.folder, 'git/ignoring.git');
    const branches = Object.values(rules).map((text, index) => ({ branch: `ignoring-${index}`, files: filesOf(text) }));
    await run('git', ['init', '--quiet', '--bare', bare]);
    await run('git', ['-C', bare, 'fast-import', '--quiet'], { input: branches.map(asCommit).join('') });
    const url = `${cluster.plane.web}/git/ignoring.git`;
    await cluster.apply(branches.map(({ branch }) => sourceOf(branch, url)));
    const names = Object.keys(rules);
    const theirs: Record<string, unknown> = {};
    for (const [index, { branch }] of branches.entries()) {
      theirs[names[index] ?? ''] = manifestsIn(await filesOfArtifact(story(), branch));
    }
    const ours = branches.map(({ files }, index) => {
      const copy = fluxCopy(treeOf(files));
      return [names[index], manifestsIn([...copy.paths].filter(copy.has))];
    });
    expect(new Set(Object.values(theirs).map(String)).size).toBeGreaterThan(15);
    expect(Object.fromEntries(ours)).toEqual(theirs);
    seen(`${names.length} branches`);
    await cluster.kubectl(['delete', '-n', 'flux-system', ...branches.map(({ branch }) => `gitrepository/${branch}`)]);
  });
}

/** A branch of one commit, in the words of `git fast-import`. */
function asCommit({ branch, files }: { branch: string; files: Readonly<Record<string, string>> }): string {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const entries = Object.entries(files).map(([path, text]) => `M 100644 inline "${path}"\n${data(text)}`);
  return `commit refs/heads/${branch}\ncommitter Them <them@example.com> 0 +0000\n${data('Theirs')}${entries.join('')}\n`;
}

function filesOf(text: string | Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const ignores = Object.entries(typeof text === 'string' ? { '': text } : text);
  return {
    ...Object.fromEntries(paths.map((path) => [path, 'x'])),
    ...Object.fromEntries(ignores.map(([folder, lines]) => [join(folder, '.sourceignore'), lines])),
  };
}

function sourceOf(name: string, url: string) {
  const metadata = { name, namespace: 'flux-system' };
  const spec = { interval: '10m', url, ref: { branch: name } };
  return { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata, spec };
}

async function filesOfArtifact({ cluster }: Story, name: string): Promise<readonly string[]> {
  const found = await cluster.until('gitrepository', { namespace: 'flux-system', name }, (source) => {
    return source?.status?.artifact !== undefined;
  });
  const answer = await fetch(found?.status?.artifact?.url ?? '');
  return filesInArchive(Buffer.from(await answer.arrayBuffer()));
}

/** Of the rest nobody reads anything. */
function manifestsIn(files: readonly string[]): readonly string[] {
  return files.filter((file) => /\.ya?ml$/.test(file)).sort();
}

function treeOf(files: Readonly<Record<string, string>>): Tree {
  return {
    paths: new Set(Object.keys(files)),
    read: (path) => Buffer.from(files[path] ?? ''),
    objectsOf: () => undefined,
  };
}
