# Java's optimising compiler costs an emulated processor minutes, and gains nothing in so short a life.
CATALINA_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC ${CATALINA_OPTS-}"
