/** A container image as its parts; at least one of tag and digest is there. */
export interface Image {
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/**
 * Splits an image reference.
 * @returns the parts, or undefined for text that is not an image reference (grammar: distribution/reference 0.6.0)
 */
export function parseImage(reference: string): Image | undefined {
  const match =
    /^(?<repository>[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(
      reference,
    );
  const { repository, tag, digest } = match?.groups ?? {};
  return repository === undefined ? undefined : { repository, tag, digest };
}

/** Whether the reference names one build for ever: a digest, a whole version, or a commit. `1`, `1.0`, `main` move. */
export function isPinned({ tag, digest }: Image): boolean {
  return digest !== undefined || (tag !== undefined && (wholeVersion.test(tag) || commit.test(tag)));
}

const wholeVersion = /^v?\d+\.\d+\.\d+([.-][\w.-]+)?$/;
const commit = /^(sha-)?(?=.*\d)[0-9a-f]{7,40}$/;
