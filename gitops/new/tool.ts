import { Problem, Problems } from '../../model/problem';
import { type ServerList, unknownServer } from '../../model/servers';
import { isCommitted } from '../git/committed';
import { type NewFiles, nameTaken, templateText } from './files';

/**
 * The files of a new tool: the tool and its test. Writes nothing.
 * @param list the servers, read as if the tool existed
 * @throws Problems NAME or NAME-TAKEN; SERVER-UNKNOWN, or problems of the server with this tool
 */
export function newTool(root: string, server: string, name: string, { servers, problems }: ServerList): NewFiles {
  const found = problemsWith('tool', server, name, { servers, problems });
  // The engine compares published names without case, so `a_b` and `ab` collide.
  const published = (tool: string) => tool.replaceAll('_', '').toLowerCase();
  const tools = servers.find((each) => each.name === server)?.toolkit?.tools ?? [];
  const alike = tools.filter((tool) => published(tool) === published(name));
  const taken = alike.find((tool) => tool !== name) ?? name;
  if (alike.length > 1) found.push(nameTaken(`servers/${server}/tools/${taken}.ts`));
  if (found.length > 0) throw new Problems(found);
  const file = `servers/${server}/tools/${name}`;
  const test = templateText(root, 'tool.test.ts').replace("'./tool'", `'./${name}'`);
  return new Map([
    [`${file}.ts`, templateText(root, 'tool.ts')],
    [`${file}.test.ts`, test],
  ]);
}

/**
 * The file of a new resource. Writes nothing.
 * @throws Problems NAME; SERVER-UNKNOWN, or problems of the server
 */
export function newResource(root: string, server: string, name: string, list: ServerList): NewFiles {
  const found = problemsWith('resource', server, name, list);
  if (found.length > 0) throw new Problems(found);
  // Resource URIs must be unique.
  const text = templateText(root, 'resource.ts').replace("'docs://on-call'", `'docs://${name.replaceAll('_', '-')}'`);
  return new Map([[`servers/${server}/resources/${name}.ts`, text]]);
}

/** The problems of the server, and of the name of the new tool or resource. */
function problemsWith(what: string, server: string, name: string, { servers, problems }: ServerList): Problem[] {
  const found = problems.filter(({ file }) => `${file}/`.startsWith(`servers/${server}/`));
  const known = servers.filter(({ toolkit }) => toolkit !== undefined).map((each) => each.name);
  if (found.length === 0 && !known.includes(server)) found.push(unknownServer(server, known));
  if (!isToolName(name)) {
    const message = `Cannot name a ${what} "${name}": expected lower-case words joined by single underscores`;
    found.push(new Problem('NAME', message, { fix: nameFix(name) }));
  }
  return found;
}

/** Spells the name by the rule if its words are clear: `word-count`, `Word Count` and `wordCount` are `word_count`. */
function nameFix(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  const meant = words.replace(/[-\s]+/g, '_').toLowerCase();
  return isToolName(meant) ? `write ${meant}` : 'choose a name such as find_runbooks';
}

/** The rule of worker/catalog/names.ts; a test keeps the two equal. */
export function isToolName(name: string): boolean {
  return /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name);
}

/** The last step for a new tool or resource. A server that was never committed has no callers, so its version can stay. */
export function afterEdits(root: string, server: string): string {
  const file = `servers/${server}/server.ts`;
  return isCommitted(root, file) ? `raise version in ${file}, then npm run synth` : 'npm run synth';
}
