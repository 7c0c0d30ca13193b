import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump, load, loadAll } from 'js-yaml';
import { runCommand } from '../cli/command';
import { root } from '../cli/root';
import { temporaryFolder } from '../cli/temporary-folder';
import { usageText } from '../cli/usage';
import { Problem } from '../model/problem';
import { type CustomResourceDefinition, crdFiles, current, schemasOf, withoutDescriptions } from './custom-resources';
import { asSchema, kubernetesFile, kubernetesSchemas, pruned } from './kubernetes-kinds';
import { validatorsOf } from './validators';

runCommand({
  usage: usageText({
    forms: { 'npm run import': 'generates imports/ from the definitions in imports/crds/' },
    flags: {
      '--from <folder>': 'first copies the definitions from a folder of YAML files',
      '--fetch': 'first copies them from the addresses in cdk8s.yaml',
      '--kubernetes <swagger.json>': 'first cuts the kinds we use out of api/openapi-spec/ of a Kubernetes release',
    },
    examples: ['npm run import -- --from ../definitions'],
  }),
  options: { from: { type: 'string' }, fetch: { type: 'boolean' }, kubernetes: { type: 'string' } },
  async run({ from, fetch, kubernetes }) {
    const work = temporaryFolder('imports.new-', root);
    try {
      const source = from ?? join(root, 'imports', 'crds');
      const texts = fetch
        ? await download()
        : yamlFilesIn(source).map((file) => readFileSync(join(source, file), 'utf8'));
      const definitions = withoutDescriptions(texts.flatMap((text) => loadAll(text)) as CustomResourceDefinition[]).map(
        current,
      );
      mkdirSync(join(work, 'crds'));
      for (const [name, group] of crdFiles(definitions)) {
        const file = join(work, 'crds', name);
        writeFileSync(file, group.map((definition) => dump(definition, { lineWidth: -1, noRefs: true })).join('---\n'));
        generate(file, work);
      }
      const registry = readFileSync(join(root, 'imports', registrySchema), 'utf8');
      writeFileSync(join(work, registrySchema), registry);
      const api = pruned(
        withoutDescriptions(JSON.parse(readFileSync(kubernetes ?? join(root, 'imports', kubernetesFile), 'utf8'))),
      );
      writeFileSync(join(work, kubernetesFile), `${JSON.stringify(api, null, 1)}\n`);
      const schemas = {
        ...schemasOf(definitions),
        ...kubernetesSchemas(),
        [registryKey]: withoutDescriptions(JSON.parse(registry)),
      };
      writeFileSync(join(work, 'schemas.json'), `${JSON.stringify(schemas, null, 1)}\n`);
      mkdirSync(join(work, 'validators'));
      for (const [name, text] of validatorsOf(schemas, asSchema(api)))
        writeFileSync(join(work, 'validators', name), text);
      rmSync(join(root, 'imports'), { recursive: true, force: true });
      renameSync(work, join(root, 'imports'));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    console.log(readdirSync(join(root, 'imports')).sort().join('\n'));
    return 0;
  },
});

/** The only schema that is not from a cluster. The file names its origin; a new version has a new date. */
const registrySchema = 'registry-server.schema.json';
const registryKey = 'registry.modelcontextprotocol.io/2025-12-11/RegistryServer';

/** Runs `cdk8s import` for one file: two files of one group would overwrite each other (cdk8s-cli 2.207). */
function generate(file: string, output: string): void {
  const options = ['--language', 'typescript', '--output', output, '--no-save', '--no-check-upgrade'];
  execFileSync(process.execPath, [join(root, 'node_modules', '.bin', 'cdk8s'), 'import', file, ...options], {
    cwd: output,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function yamlFilesIn(folder: string): readonly string[] {
  const files = readdirSync(folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .sort();
  if (files.length > 0) return files;
  throw new Problem('USAGE', `Cannot import from "${folder}": it has no YAML files`, {
    fix: 'name a folder of definitions',
  });
}

async function download(): Promise<readonly string[]> {
  const { imports } = load(readFileSync(join(root, 'cdk8s.yaml'), 'utf8')) as { imports: readonly string[] };
  return Promise.all(
    imports.map(async (url) => {
      const response = await fetch(url, { signal: AbortSignal.timeout(30_000) }).catch((cause: unknown) => cause);
      if (response instanceof Response && response.ok) return response.text();
      const found = response instanceof Response ? `status ${response.status}` : String(response);
      throw new Problem('USAGE', `Cannot fetch ${url}: ${found}`, { fix: 'correct the address in cdk8s.yaml' });
    }),
  );
}
