import { Problem, Problems } from '../../model/problem';
import { type ServerList, unknownServer } from '../../model/servers';
import { type NewFiles, nameTaken, templateText } from './files';

/**
 * The file of a new tool. Decides; writes nothing.
 * @param root the repository's folder
 * @throws Problems NAME or NAME-TAKEN; SERVER-UNKNOWN, IMAGE-FOREIGN or what is wrong with the server itself
 */
export function newTool(root: string, server: string, name: string, list: ServerList): NewFiles {
  const file = `servers/${server}/tools/${name}.ts`;
  const problems = [...nameProblems(name), ...serverProblems(server, list)];
  // An engine tells tools apart by their published names, whatever their case: `a_b` and `ab` are one.
  const published = (tool: string) => tool.replaceAll('_', '').toLowerCase();
  const tools = list.servers.find((each) => each.name === server)?.toolkit?.tools ?? [];
  const taken = tools.find((tool) => published(tool) === published(name));
  if (taken !== undefined) problems.push(nameTaken(`servers/${server}/tools/${taken}.ts`));
  if (problems.length > 0) throw new Problems(problems);
  return new Map([[file, templateText(root, 'tool.ts')]]);
}

/** The rule of worker/catalog/names.ts, which a test compares. */
export function isToolName(name: string): boolean {
  return /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name);
}

function nameProblems(name: string): Problem[] {
  if (isToolName(name)) return [];
  const message = `Cannot call a tool "${name}": it is not lower-case words joined by single underscores`;
  return [new Problem('NAME', message, { fix: 'write a name such as find_runbooks' })];
}

function serverProblems(name: string, { servers, problems }: ServerList): readonly Problem[] {
  const server = servers.find((each) => each.name === name);
  if (server === undefined) {
    const own = problems.filter(({ file }) => file?.startsWith(`servers/${name}/`));
    return own.length > 0
      ? own
      : [
          unknownServer(
            name,
            servers.map((each) => each.name),
          ),
        ];
  }
  if (server.toolkit !== undefined) return [];
  const message = `Cannot give a tool to "${name}": it has no tools/, because its image is built elsewhere`;
  const fix = `create servers/${name}/tools/, write description and version in server.ts, and image: '1.0.0' for a build from here`;
  return [new Problem('IMAGE-FOREIGN', message, { file: server.source, path: 'image', fix })];
}
