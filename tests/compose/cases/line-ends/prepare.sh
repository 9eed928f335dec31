#!/bin/sh
sed -i 's/$/\r/' compose.yaml
printf 'FROM_DOTENV=dotenv\r\n' >.env
printf 'C_PLAIN=plain\r\nD_QUOTED="quoted"\r\n\r\n# comment\r\nE_EMPTY=\r\nF_LAST=last' >crlf.env
printf '\357\273\277A_FIRST=first\nB_SECOND=second\n' >mark.env
