import { join } from 'node:path';
import { fluxCopy, type Tree } from '../../../gitops/deliver/flux/flux-copy';
import { run } from '../../../testing/processes/program';
import { seen } from '../../seen';
import { filesInArchive } from './artifact';
import type { Story } from './story';

/** The files of every repository, for the rules to exclude. */
const paths = [
  ...['README.md', 'a.yaml', 'apps/a.yaml', 'apps/b.yml', 'apps/deep/a.yaml', 'apps/deep/er/a.yaml', 'apps/A.yaml'],
  ...['apps/.github/a.yaml', '.github/a.yaml', 'apps/.flux.yaml', 'apps/.sops.yaml', 'apps/.goreleaser.yml'],
  ...['cloudbuild.yaml', 'apps/cloudbuild.yaml', 'appveyor.yml', '.travis.yml', 'apps/.travis.yml', 'apps/a b.yaml'],
  ...['apps/.gitignore', 'apps/picture.png', 'apps/archive.zip', 'apps/#a.yaml', 'apps/!a.yaml', 'other/a.yaml'],
];

/** The text of .sourceignore in the root folder, or a text for each folder. */
const rules: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  'no file': {},
  'an empty file': '',
  comments: '# nothing\n\n   \n',
  'a rule': 'apps/deep/\n',
  'a rule that matches nothing': 'nowhere\n',
  'a rule in capitals': 'APPS\n',
  'a name at any depth': 'a.yaml\n',
  'a name at the root': '/a.yaml\n',
  'a path': 'apps/a.yaml\n',
  'only folders of a name': 'a.yaml/\n',
  stars: '**/deep/**\n*.yml\n',
  'two stars in the middle': 'apps/**/a.yaml\n',
  'one star in the middle': 'apps/*/a.yaml\n',
  'a character class': 'apps/[ab].y*\n',
  'a question mark': 'apps/?.yaml\n',
  'all but one folder': '/*\n!/apps\n',
  'all but one file': 'apps/*\n!apps/a.yaml\n',
  're-including a file of an excluded folder': 'apps/\n!apps/deep/a.yaml\n',
  'excluding, re-including and excluding again': 'a.yaml\n!apps/a.yaml\napps/a.yaml\n',
  'overriding a default exclusion of Flux': '!.github/\n',
  'a trailing space': 'apps/deep \n',
  'a space in a name': 'apps/a b.yaml\n',
  'an escaped hash': 'apps/\\#a.yaml\n',
  'an escaped exclamation mark': '\\!a.yaml\n',
  'Windows line endings': 'apps/deep/\r\n*.yml\r\n',
  'no newline at the end': 'apps/deep/',
  'only a file in a subfolder': { apps: 'deep/\n' },
  'a file in a subfolder, with a path from there': { apps: '/a.yaml\n' },
  'a subfolder that overrides the root': { '': 'a.yaml\n', apps: '!a.yaml\n' },
  'a file in a subfolder that the root excludes': { '': 'apps/\n', apps: '!a.yaml\n' },
  'a file in a folder that Flux does not read': { other: 'a.yaml\n' },
};

/** 7: deliver expects exactly the files that source-controller puts into its artifact. */
export function proveSourceIgnore(story: () => Story): void {
  test('deliver ignores the same files as source-controller', async () => {
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

/** A branch of one commit, in the format of `git fast-import`. */
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

/** Only YAML files matter to Flux. */
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
