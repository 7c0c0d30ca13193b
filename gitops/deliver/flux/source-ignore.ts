import ignore from 'ignore';

/**
 * The files that Flux's source-controller leaves out of its copy of a repository: its own list, then every `.sourceignore`
 * from the root down, the last rule that matches deciding. Unlike git, a rule may take back what lies in a folder that an
 * earlier rule left out (fluxcd/pkg/sourceignore, Flux 2.7, which matches with go-git). `spec.ignore` of a GitRepository
 * replaces the first list and is not known here.
 */
export function sourceIgnore(tree: {
  readonly paths: ReadonlySet<string>;
  read(path: string): Buffer | undefined;
}): (path: string) => boolean {
  const files = [...tree.paths].filter((path) => path === name || path.endsWith(`/${name}`)).sort(byDepth);
  const rules = [
    ...groups('', byDefault),
    ...files.flatMap((file) => groups(file.slice(0, -name.length), (tree.read(file)?.toString() ?? '').split(/\r?\n/))),
  ].reverse();
  return (path) => rules.find((rule) => rule.matches(path))?.leavesOut ?? false;
}

interface RuleGroup {
  readonly leavesOut: boolean;
  matches(path: string): boolean;
}

/** Neighbouring rules of one sense become one matcher; the order among them does not matter. */
function groups(folder: string, lines: readonly string[]): RuleGroup[] {
  const runs: { leavesOut: boolean; patterns: string[] }[] = [];
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const leavesOut = !line.startsWith('!');
    const pattern = leavesOut ? line : line.slice(1);
    const last = runs.at(-1);
    if (last?.leavesOut === leavesOut) last.patterns.push(pattern);
    else runs.push({ leavesOut, patterns: [pattern] });
  }
  return runs.map(({ leavesOut, patterns }) => {
    const matcher = ignore().add(patterns);
    return {
      leavesOut,
      matches: (path) =>
        path.startsWith(folder) && path.length > folder.length && matcher.ignores(path.slice(folder.length)),
    };
  });
}

function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || (a < b ? -1 : 1);
}

const name = '.sourceignore';

/** Of source-controller's default list (1.7), what can match YAML; images and archives are never read. */
const byDefault = [
  '.git/',
  '.github/',
  '.circleci/',
  '.travis.yml',
  '.gitlab-ci.yml',
  'appveyor.yml',
  '.drone.yml',
  'cloudbuild.yaml',
  'codeship-services.yml',
  'codeship-steps.yml',
  '**/.goreleaser.yml',
  '**/.sops.yaml',
  '**/.flux.yaml',
];
