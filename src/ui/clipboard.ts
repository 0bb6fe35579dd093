import { toast } from 'svelte-sonner';

/** Copies `text` and says so, or says that the browser refused. */
export async function copyText(text: string, what = 'Copied'): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast.success(what, { duration: 1500 });
  } catch {
    toast.error('The browser did not let this page use the clipboard.');
  }
}
