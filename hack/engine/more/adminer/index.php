<?php
// Adminer with the server that ADMINER_DEFAULT_SERVER names in its form, as in the public image.
namespace docker {
	function adminer_object() {
		return new class extends \Adminer {
			function loginFormField($name, $heading, $value) {
				if ($name == 'server' && !isset($_GET['server'])) {
					$value = str_replace('value=""', 'value="' . htmlspecialchars(getenv('ADMINER_DEFAULT_SERVER') ?: 'db') . '"', $value);
				}
				return parent::loginFormField($name, $heading, $value);
			}
		};
	}
}

namespace {
	if (basename($_SERVER['DOCUMENT_URI'] ?? $_SERVER['REQUEST_URI']) === 'adminer.css' && is_readable('adminer.css')) {
		header('Content-Type: text/css');
		readfile('adminer.css');
		exit;
	}

	function adminer_object() {
		return \docker\adminer_object();
	}

	require('adminer.php');
}
