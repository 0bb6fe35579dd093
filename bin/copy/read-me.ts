/** `READ ME FIRST.txt` of a copy: for people who have never heard of Drydock. */

/** @param contents what is in the copy, in lines */
export function readMe(contents: string): string {
  return `DRYDOCK: A REAL DOCKER ENGINE INSIDE A BROWSER TAB

This folder is all of it. It needs no installation, no account and no internet.

${contents}


START IT

  Windows         double-click start.bat
  macOS, Linux    in a terminal, in this folder:  sh start.sh

That opens http://localhost:8377/ in your browser: a current Chrome, Edge, Firefox or Safari. Leave the
window of the program open as long as you use Drydock; Ctrl+C ends it. It runs with Python 3.7 (or newer)
or with Node.js, whichever the computer has. By hand it is:

  python3 serve.py        or        node serve.mjs

--port N takes another port. What the browser keeps, such as your progress, belongs to the address, so take
the same port each time. From a USB stick it starts faster when you copy this folder to the computer first.


FOR A CLASS

One computer can serve the others in its network:

  sh start.sh --lan       or        start.bat --lan

prints the address that the others open. It comes by plain HTTP, and browsers give less to such a page:

  - Nothing is kept for use without the network, so the teacher's computer must stay on.
  - The browser may forget what it stores when its disk is nearly full.
  - The page's buttons cannot use the clipboard. The keys can: Ctrl+Shift+V pastes into a terminal
    (on a Mac Cmd+V).
  - The first visit downloads a megabyte more.

Lessons, tasks and the machine itself work. Everything works on localhost (so with this folder on each
computer) and by HTTPS: give the folder "site" to any web server that has a certificate. On managed
computers the Chrome policy OverrideSecurityRestrictionsOnInsecureOrigin can name the address.


ON A WEB SERVER

The folder "site" is a static site. Copy it under any path of any web server. The server should send .wasm
as application/wasm, and use the .br or .gz file that lies beside a file where the browser takes it. Files
under assets/, machine/files/, machine/chunks/ and machine/catalogue/ never change and may be cached for
ever; all others should be sent with "Cache-Control: no-cache".
`;
}
