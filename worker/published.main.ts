import { readFileSync, writeFileSync } from 'node:fs';
import { loadCatalog, readToolFiles, type Toolkit } from './catalog/load';
import { portableExamples, published } from './catalog/published';
import { callLimitsOf } from './catalog/time-limit';
import { catalogSettings } from './config/config';
import { resourceLoaders } from './server-files.mjs';

/** A server whose published tools are requested. */
interface ServerRequest {
  readonly server: string;
  readonly toolkit: Toolkit & { readonly tools: readonly string[] };
  /** The extra environment of its container, which can disable tools. */
  readonly env: Readonly<Record<string, string>>;
}

// Importing a tool runs untrusted code. In this separate process it cannot write to the output of the calling command, end it
// or keep it alive. Servers arrive as JSON on standard input; the published tools leave on file descriptor 3.
const requests: readonly ServerRequest[] = JSON.parse(readFileSync(0, 'utf8'));
const { exit } = process;
process.exit = () => {
  throw new Error('it calls process.exit on import');
};
writeFileSync(3, JSON.stringify(requests.map(answerTo)));
exit(0);

function answerTo({ server, toolkit, env }: ServerRequest) {
  try {
    const tools = toolkit.tools.map((tool) => [tool, () => require(`../servers/${server}/tools/${tool}.ts`)] as const);
    const load = (name: string) => require(`../servers/${server}/resources/${name}.ts`);
    // Relative to the working folder, which is the repository's root: this file runs from a bundle in another folder.
    const files = Object.fromEntries([...tools, ...resourceLoaders(`servers/${server}`, load)]);
    const catalog = loadCatalog(toolkit, readToolFiles(files), catalogSettings(env));
    const call = callLimitsOf(catalog.tools);
    const { warnings } = catalog;
    return { server, ...published(catalog), call, examples: portableExamples(catalog), warnings };
  } catch (error) {
    return { server, error: error instanceof Error ? error.message : String(error) };
  }
}
