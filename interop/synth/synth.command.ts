import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import pc from 'picocolors';
import { parseAllDocuments } from 'yaml';
import { identityOf, type Manifest } from '../../charts/render';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { Problem, Problems } from '../../model/problem';
import { run } from '../../testing/processes/programs';
import { addServer, declarationOf, emptyRepository } from '../../testing/repository';

const platform = readPlatform(root);

runCommand({
  usage:
    'npm run interop -- synth    dist/ before kubectl, terraform, cdk8s-cli and cdktf, for every runtime and exposure',
  options: {},
  run() {
    const repository = emptyRepository();
    try {
      cpSync(join(root, 'servers/arcade-eval-ref'), join(repository, 'servers/arcade-eval-ref'), { recursive: true });
      for (const [name, fields] of Object.entries(testServers))
        addServer(repository, name, declarationOf(name, fields));
      run(process.execPath, ['cli/run.mjs', 'gitops/synth/synth.command.ts'], { cwd: repository });
      const failures = Object.entries(steps).flatMap(([what, step]) => report(what, () => step(repository)));
      if (failures.length > 0) throw new Problems(failures);
      return 0;
    } finally {
      rmSync(repository, { recursive: true });
    }
  },
});

const testServers = {
  'chart-internal': "exposure: 'internal', replicas: { min: 2, max: 4 }",
  'plain-public': "runtime: 'plain', replicas: 3, env: { ODD: 'yes', ODDER: '0o17', ODDEST: 'a: b # c' }",
  'plain-internal': "runtime: 'plain', exposure: 'internal', replicas: { min: 2, max: 4 }, probes: 'tcp'",
};

const steps = {
  'kubectl kustomize reads every file under the Flux root, and every value as it was meant': (repository: string) => {
    const flux = join(repository, 'dist', platform.gitops.repository);
    const resources = readdirSync(flux, { recursive: true, encoding: 'utf8' }).filter((path) => /\.ya?ml$/.test(path));
    writeFileSync(join(flux, 'kustomization.yaml'), JSON.stringify({ resources }));
    const read = objectsIn(run('kubectl', ['kustomize', flux], { cwd: repository }));
    rmSync(join(flux, 'kustomization.yaml'));
    const wanted = objectsIn(
      resources
        .sort()
        .map((path) => readFileSync(join(flux, path), 'utf8'))
        .join('---\n'),
    );
    same(read, wanted);
    return `${wanted.size} objects`;
  },
  'terraform validate misses nothing in the fragments but the provider': (repository: string) => {
    const workspace = join(repository, 'dist', platform.dns.repository, platform.dns.workspace);
    const rootModule = join(repository, 'root-module');
    cpSync(workspace, rootModule, { recursive: true });
    const local = platform.dns.zoneId.replace(/^local\./, '');
    writeFileSync(join(rootModule, 'main.tf'), `locals {\n  ${local} = "0123456789abcdef"\n}\n`);
    const said = JSON.parse(run('terraform', ['validate', '-json'], { cwd: rootModule, mayFail: true }));
    const others = said.diagnostics.filter(
      ({ summary }: { summary: string }) => summary !== 'Missing required provider',
    );
    if (others.length > 0) throw failed(JSON.stringify(others, null, 2));
    return `${readdirSync(workspace).length} fragments`;
  },
  'cdk8s synth renders the same objects': (repository: string) => {
    run(process.execPath, [join(root, 'node_modules/cdk8s-cli/bin/cdk8s'), 'synth', '--no-check-upgrade'], {
      cwd: repository,
    });
    const folder = join(repository, 'build/cdk8s');
    const theirs = objectsIn(
      readdirSync(folder)
        .map((file) => readFileSync(join(folder, file), 'utf8'))
        .join('\n---\n'),
    );
    const flux = join(repository, 'dist', platform.gitops.repository);
    const files = readdirSync(flux, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));
    same(theirs, objectsIn(files.map((path) => readFileSync(join(flux, path), 'utf8')).join('---\n')));
    return `${theirs.size} objects`;
  },
  "cdktf's app command renders the same records": (repository: string) => {
    const { app, output } = JSON.parse(readFileSync(join(repository, 'cdktf.json'), 'utf8'));
    const [program = '', ...args] = app.split(' ');
    run(program, args, { cwd: repository, env: { CDKTF_OUTDIR: output } });
    const stack = JSON.parse(
      readFileSync(join(repository, output, 'stacks', platform.dns.workspace, 'cdk.tf.json'), 'utf8'),
    );
    const theirs = Object.entries(stack.resource.cloudflare_dns_record).map(([label, record]) => [label, bare(record)]);
    const workspace = join(repository, 'dist', platform.dns.repository, platform.dns.workspace);
    const ours = readdirSync(workspace).flatMap((file) => {
      const { resource } = JSON.parse(readFileSync(join(workspace, file), 'utf8'));
      return Object.entries(resource.cloudflare_dns_record).map(([label, record]) => [label, bare(record)]);
    });
    if (!isDeepStrictEqual(theirs.sort(), ours.sort())) throw failed('the records differ');
    return `${ours.length} records`;
  },
  'npm run import gives the committed classes and schemas': (repository: string) => {
    mkdirSync(join(repository, 'committed'));
    cpSync(join(repository, 'imports'), join(repository, 'committed'), { recursive: true });
    run(process.execPath, ['cli/run.mjs', 'charts/import.command.ts'], { cwd: repository });
    const [before, after] = ['committed', 'imports'].map((folder) =>
      readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'utf8')])
        .sort(),
    );
    if (!isDeepStrictEqual(before, after)) throw failed('imports/ is not what npm run import makes');
    return `${after?.length} files`;
  },
};

function report(what: string, step: () => string): readonly Problem[] {
  try {
    console.log(`${pc.green('✓')} ${what} ${pc.dim(`(${step()})`)}`);
    return [];
  } catch (error) {
    console.log(`${pc.red('✗')} ${what}`);
    if (error instanceof Problem) return [error];
    throw error;
  }
}

// As Flux reads: cdk8s' own writing leaves "0o17" bare, which a reader of YAML 1.2 takes for 15 (2.70).
function objectsIn(text: string): ReadonlyMap<string, Manifest> {
  const objects = parseAllDocuments(text, { version: '1.1' }).map((document): Manifest => document.toJS());
  return new Map(objects.map((object) => [identityOf(object), object]));
}

function same(found: ReadonlyMap<string, Manifest>, wanted: ReadonlyMap<string, Manifest>): void {
  if (wanted.size === 0) throw failed('nothing was rendered');
  const differing = [...new Set([...found.keys(), ...wanted.keys()])].filter(
    (key) => !isDeepStrictEqual(found.get(key), wanted.get(key)),
  );
  if (differing.length > 0) throw failed(`these objects differ: ${differing.join(', ')}`);
}

function bare(record: unknown): object {
  return Object.fromEntries(Object.entries(record ?? {}).filter(([key]) => key !== '//'));
}

function failed(found: string): Problem {
  return new Problem('INTEROP-FAILED', `Cannot agree with the program: ${found}`, { fix: 'correct what is rendered' });
}
