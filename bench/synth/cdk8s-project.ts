import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** The dependencies of the TypeScript template of cdk8s-cli 2.207.60, which needs TypeScript 5.9.x. */
const dependencies = {
  cdk8s: '2.70.106',
  'cdk8s-cli': '2.207.60',
  constructs: '10.8.1',
  typescript: '5.9.3',
  'ts-node': '10.9.2',
  '@types/node': '20.19.43',
};

/**
 * Creates a project in the layout of `cdk8s init typescript-app` that emits the given objects. Its main.ts is minimal, so it
 * compiles faster than a real project. Installed once, into a folder that git ignores.
 */
export function cdk8sProject(root: string, manifests: string): string {
  const project = join(root, '.cache/bench-cdk8s');
  const template = join(root, 'node_modules/cdk8s-cli/templates/typescript-app');
  mkdirSync(project, { recursive: true });
  cpSync(join(template, 'tsconfig.json'), join(project, 'tsconfig.json'));
  writeFileSync(
    join(project, 'cdk8s.yaml'),
    readFileSync(join(template, 'cdk8s.yaml'), 'utf8').replace(/imports:[\s\S]*/, ''),
  );
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'bench', version: '1.0.0', private: true, dependencies }),
  );
  const objects = readdirSync(manifests, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .flatMap((path) =>
      parseAllDocuments(readFileSync(join(manifests, path), 'utf8')).map((document) => document.toJS()),
    );
  writeFileSync(join(project, 'objects.json'), JSON.stringify(objects));
  writeFileSync(join(project, 'main.ts'), program);
  if (!existsSync(join(project, 'node_modules/ts-node'))) {
    execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: project, stdio: 'ignore' });
  }
  return project;
}

const program = `import { readFileSync } from 'fs';
import { ApiObject, App, Chart } from 'cdk8s';

const app = new App();
const chart = new Chart(app, 'server');
const objects = JSON.parse(readFileSync('objects.json', 'utf8'));
for (const index in objects) new ApiObject(chart, index, objects[index]);
app.synth();
`;
