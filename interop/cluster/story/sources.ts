import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../../charts/render';
import { unconfirmedPlatform } from '../../../testing/fixtures';
import { type Ending, endingOf } from '../../../testing/processes/program';
import { addServer, declarationOf, emptyRepository } from '../../../testing/repository-copy';
import { confirmed, type Repository, repository } from '../../../testing/temp-repository';

/** Servers of both runtimes and exposures, with one pod, several or an autoscaler: their fields besides team and image. */
export const declared = {
  'chart-public': "secrets: ['API_KEY']",
  'chart-internal': "exposure: 'internal', replicas: { min: 2, max: 4 }",
  'plain-public': "runtime: 'plain', replicas: 3, secrets: ['API_KEY'], env: { ODD: 'yes', ODDER: '0o17' }",
  'plain-internal': "runtime: 'plain', exposure: 'internal', replicas: { min: 2, max: 4 }, probes: 'tcp'",
  // The delivery chapter removes these two.
  'chart-leaving': '',
  'plain-leaving': "runtime: 'plain'",
} as const;

export type ServerName = keyof typeof declared;

/** The commands that the suite runs. */
type Verb = 'seal' | 'synth' | 'deliver' | 'verify';

/** A copy of this repository with the servers above, to run our commands in. */
export class Sources {
  readonly repository: Repository = repository({}, emptyRepository());

  /** @param environment the environment of our commands, such as a PATH with kubectl */
  constructor(readonly environment: Readonly<Record<string, string | undefined>>) {
    for (const [name, fields] of Object.entries(declared)) {
      addServer(this.repository.root, name, declarationOf(name, fields));
    }
    this.edit(unconfirmedPlatform.source, confirmed);
  }

  /** Runs `npm run <verb> -- <args>`, which may fail. */
  command(verb: Verb, args: readonly string[], input = ''): Promise<Ending> {
    const entry = ['cli/run.mjs', `gitops/${verb}/${verb}.command.ts`];
    return endingOf(process.execPath, [...entry, ...args], {
      cwd: this.repository.root,
      env: this.environment,
      input,
    });
  }

  /** Runs a command. @returns its standard output @throws Error with its output if it fails */
  async succeeds(verb: Verb, args: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.command(verb, args, input);
    if (code !== 0) throw new Error(`npm run ${verb} -- ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  edit(path: string, change: (text: string) => string): void {
    const [before, file] = [this.repository.read(path), join(this.repository.root, path)];
    const after = change(before);
    if (after === before) throw new Error(`the edit did not change ${path}`);
    writeFileSync(file, after);
  }

  /** The objects that synth rendered for a server. */
  rendered(name: ServerName): readonly Manifest[] {
    const { gitops } = unconfirmedPlatform;
    return objectsIn(join(this.repository.root, 'dist', gitops.repository, gitops.appsPath, name));
  }

  /** The rendered object of one kind. */
  renderedKind(name: ServerName, kind: string): Manifest {
    const found = this.rendered(name).find((object) => object.kind === kind);
    if (found === undefined) throw new Error(`synth rendered no ${kind} for ${name}`);
    return found;
  }
}

/** Every object of the YAML files in a folder, parsed as YAML 1.1 like Flux does. */
export function objectsIn(folder: string): readonly Manifest[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  return files.sort().flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return parseAllDocuments(text, { version: '1.1' }).map((document): Manifest => document.toJS());
  });
}
