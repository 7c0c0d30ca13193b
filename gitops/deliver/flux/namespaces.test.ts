import { repository } from '../../../testing/temp-repository';
import { fluxKustomizations } from './flux-kustomizations';
import { sharedNamespaces } from './namespaces';

const applied = (path: string) =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: x}\nspec: {path: ${path}}\n`;
const theirs = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: one}\n';
const others = {
  'clusters/apps.yaml': applied('./apps'),
  'docs/one.yaml': theirs,
  'infra/other.yaml': theirs.replace('one', 'two'),
};

/** What a repository with these files has against the namespace "one" of ours. */
function told(files: Readonly<Record<string, string>>) {
  const { root } = repository(files);
  const ours = [{ path: 'apps/mcp/one/namespace.yaml', name: 'one' }];
  return sharedNamespaces(root, ours, fluxKustomizations(root, 'fleet'));
}

test('a namespace that another reconciliation makes as well is a warning with both files', () => {
  expect(told({ ...others, 'clusters/infra.yaml': applied('./infra'), 'infra/one.yaml': theirs })).toEqual([
    expect.objectContaining({
      code: 'DUPLICATE-OBJECT',
      level: 'warning',
      file: 'infra/one.yaml',
      message: expect.stringMatching(
        /^The namespace "one" of apps.* is in infra\/one\.yaml too, which clusters\/infra\.yaml /,
      ),
    }),
  ]);
});

test.each([
  ['that nothing applies, such as an example', others],
  ['of another name', { ...others, 'clusters/infra.yaml': applied('./infra') }],
  [
    'of the same reconciliation, which is told as that',
    { ...others, 'clusters/all.yaml': applied('./'), 'x/one.yaml': theirs },
  ],
])('one %s is none', (_what, files) => {
  expect(told(files)).toEqual([]);
});
