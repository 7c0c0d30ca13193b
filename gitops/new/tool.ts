import { Problem, Problems } from '../../model/problem';
import { type ServerList, unknownServer } from '../../model/servers';
import { type NewFiles, nameTaken, templateText } from './files';

/**
 * The file of a new tool. Decides; writes nothing.
 * @param list the servers, read as if the tool were there
 * @throws Problems NAME or NAME-TAKEN; SERVER-UNKNOWN, or what is wrong with a server that has this tool
 */
export function newTool(root: string, server: string, name: string, { servers, problems }: ServerList): NewFiles {
  const found = problems.filter(({ file }) => `${file}/`.startsWith(`servers/${server}/`));
  const known = servers.map((each) => each.name);
  if (found.length === 0 && !known.includes(server)) found.push(unknownServer(server, known));
  if (!isToolName(name)) {
    const message = `Cannot call a tool "${name}": it is not lower-case words joined by single underscores`;
    found.push(new Problem('NAME', message, { fix: 'write a name such as find_runbooks' }));
  }
  // An engine tells tools apart by their published names, whatever their case: `a_b` and `ab` are one.
  const published = (tool: string) => tool.replaceAll('_', '').toLowerCase();
  const tools = servers.find((each) => each.name === server)?.toolkit?.tools ?? [];
  const alike = tools.filter((tool) => published(tool) === published(name));
  const taken = alike.find((tool) => tool !== name) ?? name;
  if (alike.length > 1) found.push(nameTaken(`servers/${server}/tools/${taken}.ts`));
  if (found.length > 0) throw new Problems(found);
  return new Map([[`servers/${server}/tools/${name}.ts`, templateText(root, 'tool.ts')]]);
}

/** The rule of worker/catalog/names.ts, which a test compares. */
export function isToolName(name: string): boolean {
  return /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name);
}
