import ignore from 'ignore';
import type { Tree } from './flux-copy';

/**
 * The files that Flux's source-controller leaves out of its copy of a repository: its own list, then every `.sourceignore`
 * from the root down, the last rule that matches deciding. Unlike git, a rule may take back what lies in a folder that an
 * earlier rule left out (fluxcd/pkg/sourceignore, Flux 2.7, which matches with go-git). `spec.ignore` of a GitRepository
 * replaces the first list and is not known here.
 */
export function sourceIgnore(tree: Pick<Tree, 'paths' | 'read'>): (path: string) => boolean {
  const files = [...tree.paths].filter((path) => path === name || path.endsWith(`/${name}`)).sort(byDepth);
  const rules = [
    { folder: '', leavesOut: true, matcher: ignore().add(byDefault) },
    ...files.flatMap((file) => {
      const lines = (tree.read(file)?.toString() ?? '').split(/\r?\n/).filter((line) => !/^(#|\s*$)/.test(line));
      return lines.map((line) => ({
        folder: file.slice(0, -name.length),
        leavesOut: !line.startsWith('!'),
        matcher: ignore().add(line.replace(/^!/, '')),
      }));
    }),
  ].reverse();
  return (path) => {
    const rule = rules.find(
      ({ folder, matcher }) => path.startsWith(folder) && matcher.ignores(path.slice(folder.length)),
    );
    return rule?.leavesOut ?? false;
  };
}

function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || (a < b ? -1 : 1);
}

const name = '.sourceignore';

/** Of source-controller's default list (1.7), what can match YAML; images and archives are never read. */
const byDefault = [
  ...['.git/', '.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml'],
  ...['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
];
