/*
 * An HTTP server that answers with what it knows of itself and of the request: host name, addresses, name and version
 * that it was given, request line and headers. /health answers "OK"; /api answers in JSON.
 *
 * Options: --port NUMBER, --name NAME; variables: WHOAMI_PORT_NUMBER, WHOAMI_NAME, WHOAMI_VERSION.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char *name, *version;

static void stop(int signal) {
  (void)signal;
  _exit(0);
}

/* Writes `text` as a JSON string. */
static void json_string(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') fprintf(out, "\\%c", *text);
    else if ((unsigned char)*text < ' ') fprintf(out, "\\u%04x", *text);
    else fputc(*text, out);
  }
  fputc('"', out);
}

static void address_text(const struct sockaddr *address, char *text, size_t size) {
  const void *bytes = address->sa_family == AF_INET ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
                                                    : (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;
  inet_ntop(address->sa_family, bytes, text, size);
  if (strncmp(text, "::ffff:", 7) == 0) memmove(text, text + 7, strlen(text) - 6);
}

/* Calls `visit` for each address of this host. */
static void addresses(FILE *out, void (*visit)(FILE *, const char *, int)) {
  struct ifaddrs *list, *next;
  int count = 0;
  if (getifaddrs(&list) != 0) return;
  for (next = list; next; next = next->ifa_next) {
    char text[INET6_ADDRSTRLEN];
    if (!next->ifa_addr || (next->ifa_addr->sa_family != AF_INET && next->ifa_addr->sa_family != AF_INET6)) continue;
    address_text(next->ifa_addr, text, sizeof text);
    visit(out, text, count++);
  }
  freeifaddrs(list);
}

static void as_line(FILE *out, const char *address, int index) {
  (void)index;
  fprintf(out, "IP: %s\n", address);
}

static void as_json(FILE *out, const char *address, int index) {
  if (index) fputc(',', out);
  json_string(out, address);
}

static void plain(FILE *out, const char *host, const char *remote, const char *request) {
  fprintf(out, "Hostname: %s\n", host);
  if (name) fprintf(out, "Name: %s\n", name);
  if (version) fprintf(out, "Version: %s\n", version);
  addresses(out, as_line);
  fprintf(out, "RemoteAddr: %s\n", remote);
  for (; *request; request++)
    if (*request != '\r') fputc(*request, out);
}

static void json(FILE *out, const char *host, const char *remote, char *request) {
  char *line = strtok(request, "\r\n");
  char *method = line, *path = line ? strchr(line, ' ') : NULL;
  int count = 0;
  if (path) *path++ = 0;
  if (path && strchr(path, ' ')) *strchr(path, ' ') = 0;
  fputs("{\"hostname\":", out);
  json_string(out, host);
  fputs(",\"ip\":[", out);
  addresses(out, as_json);
  fputs("],\"headers\":{", out);
  while ((line = strtok(NULL, "\r\n"))) {
    char *value = strchr(line, ':');
    if (!value) continue;
    *value++ = 0;
    while (*value == ' ') value++;
    if (count++) fputc(',', out);
    json_string(out, line);
    fputs(":[", out);
    json_string(out, value);
    fputc(']', out);
  }
  fputs("},\"url\":", out);
  json_string(out, path ? path : "");
  fputs(",\"method\":", out);
  json_string(out, method ? method : "");
  fputs(",\"remoteAddr\":", out);
  json_string(out, remote);
  if (name) fputs(",\"name\":", out), json_string(out, name);
  if (version) fputs(",\"version\":", out), json_string(out, version);
  fputs("}\n", out);
}

static void answer(int connection, const struct sockaddr_in6 *from) {
  char request[16384], host[256] = "", remote[INET6_ADDRSTRLEN + 8];
  size_t length = 0;
  struct timeval patience = {10, 0};
  char *body = NULL;
  size_t size = 0;
  FILE *out;

  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  request[0] = 0;
  while (!strstr(request, "\r\n\r\n") && length < sizeof request - 1) {
    ssize_t got = recv(connection, request + length, sizeof request - 1 - length, 0);
    if (got <= 0) return;
    request[length += got] = 0;
  }
  gethostname(host, sizeof host - 1);
  address_text((const struct sockaddr *)from, remote, sizeof remote - 8);
  sprintf(remote + strlen(remote), ":%d", ntohs(from->sin6_port));

  const char *path = strchr(request, ' ');
  int is_api = path && strncmp(path, " /api", 5) == 0;
  int is_head = strncmp(request, "HEAD ", 5) == 0;
  out = open_memstream(&body, &size);
  if (!out) return;
  if (path && strncmp(path, " /health", 8) == 0) fputs("OK\n", out);
  else if (is_api) json(out, host, remote, request);
  else plain(out, host, remote, request);
  fclose(out);
  dprintf(connection, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
          is_api ? "application/json" : "text/plain; charset=utf-8", size);
  for (size_t sent = 0; !is_head && sent < size;) {
    ssize_t n = send(connection, body + sent, size - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += n;
  }
  shutdown(connection, SHUT_WR);
}

int main(int count, char **arguments) {
  const char *port = getenv("WHOAMI_PORT_NUMBER");
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
  int on = 1, off = 0, server;

  name = getenv("WHOAMI_NAME");
  version = getenv("WHOAMI_VERSION");
  for (int i = 1; i + 1 < count; i++) {
    if (strcmp(arguments[i], "--port") == 0 || strcmp(arguments[i], "-port") == 0) port = arguments[++i];
    else if (strcmp(arguments[i], "--name") == 0 || strcmp(arguments[i], "-name") == 0) name = arguments[++i];
  }
  signal(SIGTERM, stop);
  signal(SIGINT, stop);
  signal(SIGCHLD, SIG_IGN);
  address.sin6_port = htons(port ? atoi(port) : 80);
  server = socket(AF_INET6, SOCK_STREAM, 0);
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(server, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 64) != 0) {
    fprintf(stderr, "whoami: %s\n", strerror(errno));
    return 1;
  }
  printf("Starting up on port %d\n", ntohs(address.sin6_port));
  fflush(stdout);
  for (;;) {
    struct sockaddr_in6 from;
    socklen_t size = sizeof from;
    int connection = accept(server, (struct sockaddr *)&from, &size);
    if (connection < 0) continue;
    if (fork() == 0) {
      close(server);
      answer(connection, &from);
      _exit(0);
    }
    close(connection);
  }
}
