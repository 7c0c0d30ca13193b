/** A repository as it will be once the change is in: its files by path with slashes, and their text. */
export interface TreeAfter {
  readonly paths: ReadonlySet<string>;
  /** The text of a plain file; nothing for what is not there or is no plain file, which Flux leaves out of its copy. */
  read(path: string): string | undefined;
  /** The identities of the objects in a file that was rendered here, which need no reading. */
  objectsOf(path: string): readonly string[] | undefined;
}

/** The part of a tree that Flux has. */
export interface Copy extends TreeAfter {
  has(path: string): boolean;
  /** The kustomization file of each folder that has one; the root is the empty path. */
  readonly kustomizations: ReadonlyMap<string, string>;
}

/** @param isLeftOut tells which files Flux leaves out; asked only for those that matter */
export function copyOf(tree: TreeAfter, isLeftOut: (path: string) => boolean): Copy {
  const files = [...tree.paths].filter((path) => kustomizationFile.test(path) && !isLeftOut(path));
  return {
    ...tree,
    has: (path) => tree.paths.has(path) && !isLeftOut(path),
    kustomizations: new Map(files.map((path) => [path.replace(/\/?[^/]*$/, ''), path])),
  };
}

const kustomizationFile = /(^|\/)(kustomization\.ya?ml|Kustomization)$/;
