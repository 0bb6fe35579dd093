# ~/.profile of a Drydock machine
. ~/.bashrc
