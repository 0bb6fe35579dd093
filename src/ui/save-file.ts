/** Has the browser save `file` where the user's downloads go. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser reads it after this; a minute is ample for it to have begun.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}
