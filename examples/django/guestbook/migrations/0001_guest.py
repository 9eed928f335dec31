from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Guest", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=80))])
    ]
