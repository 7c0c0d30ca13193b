/** A repository as it will be once the change is in: its files by path with slashes, and their text. */
export interface TreeAfter {
  readonly paths: ReadonlySet<string>;
  /** The text of a plain file; nothing for what is not there or is no plain file, which Flux leaves out of its copy. */
  read(path: string): string | undefined;
  /** The identities of the objects in a file that was rendered here, which need no reading. */
  objectsOf(path: string): readonly string[] | undefined;
}

/** A tree without the files that are left out. */
export function without(tree: TreeAfter, isLeftOut: (path: string) => boolean): TreeAfter {
  return { ...tree, paths: new Set([...tree.paths].filter((path) => !isLeftOut(path))) };
}
