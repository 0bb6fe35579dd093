export async function unpackRootfs(
  packages: string[],
  tar: string,
  report: (line: string) => void,
): Promise<void> {
  throw new Error('not yet' + packages + tar + report);
}
