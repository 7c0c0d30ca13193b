import { project, repository } from '../../testing/temp-repository';
import { imageIn } from './previous-image';

const declaration = 'servers/reference/server.ts';

test('a rollback declares the previous image in the history, and a second rollback undoes the first', () => {
  const sources = project();
  const target = repository();
  const expectDeclared = (version: string) => expect(sources.read(declaration)).toContain(`/reference:${version}'`);
  const refused = sources.run('rollback', 'reference');
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('✗ ROLLBACK-NONE') });

  sources.run('deliver', '--to', target.root, '--write');
  target.commit();
  sources.run('bump', 'reference', '1.0.2');
  // An uncommitted bump is rolled back to the committed image.
  expect(sources.run('rollback', 'reference').status).toBe(0);
  expectDeclared('1.0.1');
  expect(sources.git('status', '--porcelain')).toBe('');
  sources.run('bump', 'reference', '1.0.2', '--commit');
  sources.run('bump', 'reference', '1.0.3', '--commit');
  const { stdout, stderr } = sources.run('rollback', 'reference', '--commit');
  expect(stdout).toMatch(
    /server\.yaml had registry\.example\.com\/reference:1\.0\.2 in [0-9a-f]+ Run reference 1\.0\.2\n/,
  );
  expect(stdout).toMatch(/^\+ +tag: 1\.0\.2$/m);
  expect(stderr).toContain('! IMAGE-OLDER');
  expectDeclared('1.0.2');
  expect(sources.run('rollback', 'reference', '--commit').status).toBe(0);
  expectDeclared('1.0.3');

  // The target has a history of its own, with only 1.0.1.
  expect(sources.run('rollback', 'reference', '--to', target.root).status).toBe(0);
  expectDeclared('1.0.1');
  expect(sources.run('rollback', 'reference', '--to', target.root).stderr).toContain('ROLLBACK-NONE');
  expect(sources.run('rollback').stderr).toContain('USAGE');
  expect(sources.run('rollback', 'referense').stderr).toContain('SERVER-UNKNOWN');
});

test('finds the image in the manifests of either runtime', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const release = 'kind: HelmRelease\nspec: {values: {image: {repository: registry.example.com/a, tag: 1.0.1}}}\n';
  const deployment = `kind: Deployment\nspec: {template: {spec: {containers: [{image: "registry.example.com/a@${digest}"}]}}}`;
  expect(imageIn(`kind: Namespace\n---\n${release}`)).toBe('registry.example.com/a:1.0.1');
  expect(imageIn(`kind: Service\n---\n${deployment}`)).toBe(`registry.example.com/a@${digest}`);
  expect([imageIn(''), imageIn('kind: HelmRelease\nspec: {}')]).toEqual([undefined, undefined]);
});
