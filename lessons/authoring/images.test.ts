import { expect, test } from 'vitest';
import { imagesIn } from './images.ts';

test.each([
  ['docker pull -q nginx:1.26', ['nginx:1.26']],
  ['docker run -e "A=b c" --restart-condition any --rm -p 80:80 redis', ['redis']],
  ['$ docker rm -f x && docker run -d web; docker create two', ['web', 'two']],
  ['docker service update --image app:2 web', ['app:2']],
  ['docker config create conf -', []],
  ['docker run $IMAGE', []],
  ['docker container run -v HOST:THERE [OPTIONS] NAME', []],
  ['    image: "postgres:17"', ['postgres:17']],
  ["echo 'FROM golang:1' >> Dockerfile", ['golang:1']],
  ['FROM scratch', []],
  ['COPY --from=0 /a /b', []],
  ['COPY --from=nginx:alpine /a /b', ['nginx:alpine']],
])('%s needs %j', (line, needs) => {
  expect(imagesIn(line).needs).toEqual(needs);
});

test.each([
  ['docker build -t one --tag=two .', ['one', 'two']],
  ['docker image build --tag three .', ['three']],
  ['docker tag one reg:5000/one', ['reg:5000/one']],
  ['docker commit -m words box four', ['four']],
  ['FROM golang AS builder', ['builder']],
])('%s makes %j', (line, makes) => {
  expect(imagesIn(line).makes).toEqual(makes);
});
