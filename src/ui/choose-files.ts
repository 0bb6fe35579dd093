/** Lets the user choose files. @param onChange gets the event of the file input, if any was chosen */
export function chooseFiles(
  { accept, multiple = false }: { accept: string; multiple?: boolean },
  onChange: (event: Event) => void,
): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.multiple = multiple;
  input.addEventListener('change', onChange);
  input.click();
}
