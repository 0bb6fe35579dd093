/** Lets the user choose files, or a folder. @param onChange gets the event of the file input, if any was chosen */
export function chooseFiles(
  { accept, multiple = false, folder = false }: { accept: string; multiple?: boolean; folder?: boolean },
  onChange: (event: Event) => void,
): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.multiple = multiple;
  input.webkitdirectory = folder;
  input.addEventListener('change', onChange);
  input.click();
}
